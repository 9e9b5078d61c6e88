import type { ReactElement } from "react";
import { Dialog } from "../ui/dialog.tsx";
import { useShortcutGroups } from "../ui/keys.ts";

export function KeysHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  const groups = useShortcutGroups();
  return (
    <Dialog title="Keys" onClose={onClose}>
      {groups.toReversed().map(({ name, shortcuts }) => (
        <section key={name} className="keys-group">
          <h3>{name}</h3>
          <dl>
            {shortcuts().map(({ keys, does }) => (
              <div key={keys} className="keys-row">
                <dt>{does}</dt>
                <dd>
                  {keys.split(" ").map((key) => (
                    <kbd key={key}>{key.replace("ctrl+", "Ctrl ")}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p className="faint">In tables: arrows or j and k walk, Enter opens. In graphs: arrows walk along the edges.</p>
    </Dialog>
  );
}
