import { useEffect, useMemo, useRef } from "react";

/** Calls `run` at once and then at most once in `everyMs`; the last call is not lost. */
export function useThrottled(run: () => void, everyMs: number): () => void {
  const latest = useRef(run);
  latest.current = run;
  const throttle = useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let again = false;
    const tick = (): void => {
      timer = undefined;
      if (!again) return;
      again = false;
      call();
    };
    const call = (): void => {
      if (timer !== undefined) {
        again = true;
        return;
      }
      latest.current();
      timer = setTimeout(tick, everyMs);
    };
    return { call, stop: () => clearTimeout(timer) };
  }, [everyMs]);
  useEffect(() => throttle.stop, [throttle]);
  return throttle.call;
}
