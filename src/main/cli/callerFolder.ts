/** Scripts of ours that npm runs in the package's folder, while the user is somewhere else. */
const OUR_SCRIPTS = ['iron_cage', 'start']

/** Where the user is: relative paths start there. */
export function findCallerFolder(environment: Readonly<Record<string, string | undefined>>, workingDirectory: string): string {
  const isOurScript = OUR_SCRIPTS.includes(environment.npm_lifecycle_event ?? '')
  return isOurScript && environment.INIT_CWD ? environment.INIT_CWD : workingDirectory
}
