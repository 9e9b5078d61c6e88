/** AWS's quotas of item readers. features.md A.12 and D. */
export const ITEMS_MAX = 100_000_000;
export const FILE_BYTES_MAX: number = 10 * 1024 ** 3;
export const ITEM_BYTES_MAX: number = 8 * 1024 ** 2;
export const PARQUET_FOOTER_BYTES_MAX: number = 5 * 1024 ** 2;
export const PARQUET_ROW_GROUP_BYTES_MAX: number = 256 * 1024 ** 2;
/** Ours: an inventory's manifest names its data files, some hundred bytes each. */
export const MANIFEST_BYTES_MAX: number = 32 * 1024 ** 2;

/** Whether a text of this many UTF-16 units may be an item; counts bytes only where that could matter. */
export function isTooLarge(text: string): boolean {
  return text.length * 3 > ITEM_BYTES_MAX && Buffer.byteLength(text) > ITEM_BYTES_MAX;
}
