import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

/** Sources of the other rooms are read directly, as everywhere in this house; nothing is inlined: the CSP allows only files. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/console/",
  plugins: [react()],
  resolve: { conditions: ["stepwell-source", ...defaultClientConditions] },
  worker: { format: "es" },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
});
