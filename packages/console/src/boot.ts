/** What an address needs is asked for before the console's own script is there. */
import { begin } from "./app/early.ts";

begin(location);
// The first look into each waits for another process of the browser: better now, while everything else is on its way.
for (const storage of [sessionStorage, localStorage]) storage.getItem("stepwell");
