import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

/** What every page needs, in one file. */
const isOfApp = (id: string): boolean =>
  /console\/src\/main\.tsx$/.test(id) ||
  (/console\/src\/(ui\/|api\/|app\/url-)/.test(id) && !/virtual-table|json-/.test(id));

/** The script that asks for what an address needs is its own entry: nothing of it waits for the console's code. */
function bootScript(): Plugin {
  return {
    name: "boot-script",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle = {} }) {
        const boot = Object.values(bundle).find((chunk) => chunk.type === "chunk" && chunk.name === "boot");
        if (boot === undefined) return [];
        const src = `/console/${boot.fileName}`;
        return [
          { tag: "script", attrs: { type: "module", async: true, crossorigin: true, src }, injectTo: "head-prepend" },
        ];
      },
    },
  };
}

/** Sources of the other rooms are read directly, as everywhere in this house; nothing is inlined: the CSP allows only files. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/console/",
  plugins: [react(), bootScript()],
  resolve: { conditions: ["stepwell-source", ...defaultClientConditions] },
  worker: { format: "es" },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: [`${import.meta.dirname}/index.html`, `${import.meta.dirname}/src/boot.ts`],
      output: {
        codeSplitting: {
          groups: [
            { name: "boot", test: /console\/src\/boot\.ts$|rolldown.runtime/, priority: 5 },
            { name: "app", test: isOfApp, priority: 4 },
            { name: "graph", test: /console\/src\/(graph|run-model)\//, priority: 3 },
            {
              name: "parts",
              test: /console\/src\/(ui\/json-|pages\/(start|waiting)\/)/,
              minShareCount: 2,
              priority: 2,
            },
            { name: "run-parts", test: /console\/src\/pages\/run\//, minShareCount: 2, priority: 1 },
            { name: "table", test: /console\/src\/(ui\/virtual-table|pages\/runs\/runs-table)/, priority: 1 },
          ],
        },
      },
    },
  },
});
