/** What is around every page: navigation, palette, help, theme, who is logged in; and the page itself once there is a session. */
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useEffect, useState } from "react";
import type { ApiSession } from "../api/api-types.ts";
import { setPaused, usePaused } from "../api/live.ts";
import { logOut } from "../api/v1.ts";
import { useAnnouncement } from "../ui/announce.ts";
import { Problem } from "../ui/dialog.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { hearKeys, useShortcuts } from "../ui/keys.ts";
import { Loading } from "../ui/page.tsx";
import { useSession } from "./session.ts";
import { setTheme, type Theme, useTheme } from "./theme.ts";

const Palette = lazy(() => import("./palette.tsx").then(({ Palette: component }) => ({ default: component })));
const KeysHelp = lazy(() => import("./keys-help.tsx").then(({ KeysHelp: component }) => ({ default: component })));
const LoginPage = lazy(() =>
  import("../pages/login/login-page.tsx").then(({ LoginPage: component }) => ({ default: component })),
);

const PLACES: readonly {
  readonly to: string;
  readonly label: string;
  readonly icon: IconName;
  readonly key: string;
}[] = [
  { to: "/", label: "Overview", icon: "overview", key: "o" },
  { to: "/machines", label: "Machines", icon: "machines", key: "m" },
  { to: "/runs", label: "Runs", icon: "runs", key: "r" },
  { to: "/waiting", label: "Waiting", icon: "waiting", key: "w" },
  { to: "/lab", label: "Lab", icon: "lab", key: "l" },
];

export function Shell(): ReactElement {
  const { session, problem, needsLogin } = useSession();
  useEffect(hearKeys, []);
  if (problem !== null && problem !== undefined && session === undefined) {
    return (
      <main className="centre">
        <Problem error={problem} />
      </main>
    );
  }
  if (session === undefined) return <Loading what="Connecting" />;
  if (needsLogin) {
    return (
      <Suspense fallback={<Loading />}>
        <LoginPage />
      </Suspense>
    );
  }
  return <Frame session={session} />;
}

function Frame({ session }: { readonly session: ApiSession }): ReactElement {
  const navigate = useNavigate();
  const [open, setOpen] = useState<"palette" | "keys">();
  // A dialog tells late that it was closed: another one may be open by then.
  const close = (which: "palette" | "keys") => setOpen((before) => (before === which ? undefined : before));
  const announcement = useAnnouncement();
  const paused = usePaused();
  useShortcuts("Everywhere", [
    { keys: "ctrl+k", does: "Find anything", run: () => setOpen("palette"), everywhere: true },
    { keys: "?", does: "Show the keys", run: () => setOpen("keys") },
    { keys: "p", does: paused ? "Resume updates" : "Pause updates", run: () => setPaused(!paused) },
    ...PLACES.map(({ to, label, key }) => ({
      keys: `g ${key}`,
      does: `Go to ${label.toLowerCase()}`,
      run: () => void navigate({ to }),
    })),
  ]);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <nav className="nav" aria-label="Main">
        <Link to="/" className="brand">
          <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="var(--accent)" />
            <path
              d="M6 8h20M9 14h14M12 20h8M15 26h2"
              stroke="var(--on-accent)"
              strokeWidth="3.2"
              strokeLinecap="round"
            />
          </svg>
          <span>Stepwell</span>
        </Link>
        <button type="button" className="nav-find" onClick={() => setOpen("palette")}>
          <Icon name="search" size={14} />
          <span>Find…</span>
          <kbd>Ctrl K</kbd>
        </button>
        <ul>
          {PLACES.map(({ to, label, icon }) => (
            <li key={to}>
              <Link to={to} className="nav-link" activeOptions={{ exact: to === "/" }} title={label}>
                <Icon name={icon} />
                <span>{label}</span>
              </Link>
            </li>
          ))}
        </ul>
        <NavFoot session={session} onKeys={() => setOpen("keys")} />
      </nav>
      <main id="content" className="content" tabIndex={-1}>
        <Outlet />
      </main>
      <div className="visually-hidden" aria-live="polite">
        {announcement}
      </div>
      <Suspense fallback={null}>
        {open === "palette" && <Palette onClose={() => close("palette")} />}
        {open === "keys" && <KeysHelp onClose={() => close("keys")} />}
      </Suspense>
    </div>
  );
}

const THEMES: readonly { readonly id: Theme; readonly label: string; readonly icon: IconName }[] = [
  { id: "auto", label: "Colours as the system", icon: "auto" },
  { id: "light", label: "Light colours", icon: "sun" },
  { id: "dark", label: "Dark colours", icon: "moon" },
];

function NavFoot({ session, onKeys }: { readonly session: ApiSession; readonly onKeys: () => void }): ReactElement {
  const theme = useTheme();
  const paused = usePaused();
  const shown = THEMES.find(({ id }) => id === theme) ?? THEMES[0];
  const next = THEMES[(THEMES.findIndex(({ id }) => id === theme) + 1) % THEMES.length];
  const leave = async () => {
    await logOut();
    // Nothing that was seen stays in memory.
    location.assign("/console/");
  };
  return (
    <div className="nav-foot">
      <div className="nav-tools">
        <button
          type="button"
          className="icon-button"
          aria-label={paused ? "Resume updates" : "Pause updates"}
          title={paused ? "Resume updates (p)" : "Pause updates (p)"}
          aria-pressed={paused}
          onClick={() => setPaused(!paused)}
        >
          <Icon name={paused ? "play" : "pause"} size={14} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={`Theme: ${shown?.label ?? ""}`}
          title={`${shown?.label ?? ""}. Next: ${next?.label.toLowerCase() ?? ""}`}
          onClick={() => setTheme(next?.id ?? "auto")}
        >
          <Icon name={shown?.icon ?? "auto"} size={14} />
        </button>
        <button type="button" className="icon-button" aria-label="Keys" title="Keys (?)" onClick={onKeys}>
          <Icon name="keyboard" size={14} />
        </button>
        {session.user !== undefined && (
          <button
            type="button"
            className="icon-button"
            aria-label="Log out"
            title={`Log out ${session.user.name}`}
            onClick={() => void leave()}
          >
            <Icon name="logout" size={14} />
          </button>
        )}
      </div>
      <p className="nav-about">
        {session.user !== undefined && <span className="ellipsis">{session.user.name}</span>}
        <span>
          {session.region} · {session.version}
        </span>
      </p>
    </div>
  );
}
