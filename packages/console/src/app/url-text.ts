/** What is selected as the texts of a URL's query: `?state=Pay&event=12`. Members that are undefined or empty are left out. */
export type UrlState = Readonly<Record<string, string | undefined>>;

/** The hours the overview looks back. */
export const overviewHours = (url: UrlState): number => Number(url["hours"]) || 24;

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(state: UrlState): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== undefined && value !== "") query.set(name, value);
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "" : `?${text}`;
}

/** A list in one member, separated by commas. */
export const listIn = (text: string | undefined): readonly string[] =>
  text === undefined || text === "" ? [] : text.split(",");
