import { readFileSync } from "node:fs";

// An asset function in Node: a folder with a file of data beside the code.
const cities = JSON.parse(readFileSync(new URL("cities.json", import.meta.url), "utf8"));

export async function handler(order) {
  return { ...order, city: cities[order.zip] ?? "elsewhere", table: process.env.TABLE_NAME };
}
