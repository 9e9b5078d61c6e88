import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactElement, useState } from "react";
import { logIn } from "../../api/v1.ts";
import { SESSION_KEY } from "../../app/session.ts";
import { Problem } from "../../ui/dialog.tsx";

/** An access key, as for the API. The secret goes to this server once and is kept nowhere in the browser. */
export function LoginPage(): ReactElement {
  const client = useQueryClient();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      await logIn(String(fields.get("accessKeyId")).trim(), String(fields.get("secretAccessKey")).trim());
      await client.invalidateQueries({ queryKey: SESSION_KEY });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="centre">
      <form className="login" onSubmit={(event) => void submit(event)}>
        <h1>Stepwell</h1>
        <p className="faint">Log in with an access key of this server (`stepwell keys`).</p>
        <label className="field">
          <span>Access key id</span>
          <input name="accessKeyId" autoComplete="username" required spellCheck={false} />
        </label>
        <label className="field">
          <span>Secret access key</span>
          <input name="secretAccessKey" type="password" autoComplete="current-password" required />
        </label>
        <Problem error={problem} />
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </button>
      </form>
    </main>
  );
}
