/** What keys begin with that says whose they are and is no secret; longer ones before those that they begin with. */
const PREFIXES = [
  'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-ant-api03-', 'sk-ant-admin01-', 'sk-ant-', 'sk-or-v1-', 'sk-', 'pk_test_', 'pk_live_', 'sk_test_', 'sk_live_',
  'rk_test_', 'rk_live_', 'whsec_', 'github_pat_', 'ghp_', 'gho_', 'ghs_', 'ghu_', 'glpat-', 'xoxb-', 'xoxp-', 'xapp-', 'AKIA', 'ASIA', 'AIza', 'hf_', 'npm_',
  'pypi-', 'SG.', 'gsk_', 'r8_', 'pplx-', 'dop_v1_', 'hvs.', 'eyJ',
] as const

const HEAD = 3
const TAIL = 3
/** Shorter ones show nothing: of a value that people can remember, each character is too much. */
const SHORTEST_SHOWN = 24
export const FULLY_MASKED = '••••••••'
const SHOWABLE = /^[\x21-\x7e]+$/

/** `sk-proj-abc...xyz`: at most the known prefix and three characters, and the last three; never more than a quarter of the value. */
export function maskedSecret(value: string): string {
  if (value.length < SHORTEST_SHOWN) return FULLY_MASKED
  const most = Math.floor(value.length / 4)
  const prefix = PREFIXES.find((known) => value.startsWith(known)) ?? ''
  const head = value.slice(0, Math.min(prefix.length + HEAD, most - TAIL))
  const tail = value.slice(-TAIL)
  return SHOWABLE.test(head) && SHOWABLE.test(tail) ? `${head}...${tail}` : FULLY_MASKED
}
