/** `127.0.0.1:9999` of a URL; the text itself where it is none. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url
}
