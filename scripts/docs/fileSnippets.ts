import { parse as parseToml } from 'smol-toml'
import { fileLayer } from '../../src/main/configuration/layers.ts'
import { layOver, readShippedPrices } from '../../src/main/configuration/priceList.ts'
import { parseSettings } from '../../src/main/configuration/settingsFile.ts'
import { commands, type CommandName } from '../../src/shared/contract/contract.ts'
import { ROOT, type Snippet } from './documents.ts'

/** The name in a first line such as `# iron_cage.yaml` or `# agent.py: what it is`. */
export function fileNameOf({ code }: Pick<Snippet, 'code'>): string | null {
  return /^(?:#|\/\/) ([\w./-]+\.(?:ya?ml|toml|py|mjs|json|txt|sh))(?:$|[:;, ])/m.exec(code.split('\n')[0] ?? '')?.[1] ?? null
}

/** What is wrong with a block that is a file or a message; null where it is as the room takes it. */
export async function faultOfFile(snippet: Snippet): Promise<string | null> {
  try {
    if (snippet.language === 'json') checkJson(snippet)
    else await checkSettings(snippet, fileNameOf(snippet) ?? 'iron_cage.yaml')
    return null
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem)
  }
}

async function checkSettings({ language, code }: Snippet, name: string): Promise<void> {
  // Another program's file, such as prometheus.yml: what is in it is that one's business.
  if (!/(?:^|\/)(?:iron_cage|settings|prices|demo)\.\w+$/.test(name)) return void parseSettings(name, code)
  if (name.startsWith('prices')) {
    layOver(await readShippedPrices(ROOT), parseSettings(name, code).values, name)
    return
  }
  const file = language === 'toml' ? { path: name, values: parseToml(code), lineOf: () => null } : parseSettings(name, code)
  fileLayer(file, name.startsWith('settings') ? 'user settings' : 'agent file')
}

/** Either one document, or one a line. */
function checkJson({ code, remark }: Snippet): void {
  const lines = code.split('\n').filter((line) => line.trim() !== '')
  const documents: unknown[] = lines.every((line) => line.startsWith('{')) && lines.length > 1 && lines[0]!.trim() !== '{' ? lines.map((line) => JSON.parse(line)) : [JSON.parse(code)]
  const name = /^input of (.+)$/.exec(remark ?? '')?.[1]
  if (name !== undefined) commands[name as CommandName].input.parse(documents[0])
  for (const document of documents) checkMessage(document)
}

/** What an agent asks or tells over the bridge; who it is the room puts in by itself. */
function checkMessage(document: unknown): void {
  if (typeof document !== 'object' || document === null || !('command' in document) || !('input' in document)) return
  const { input } = commands[document.command as CommandName]
  const isOfAgent = 'agentId' in (input as { shape?: object }).shape!
  input.parse(isOfAgent ? { agentId: 'lg-7a3f9c2d', ...(document.input as object) } : document.input)
}
