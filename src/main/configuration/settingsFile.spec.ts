import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettingsFile } from './settingsFile.ts'
import { createTestFolder, type TestFolder } from './testFolder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = createTestFolder()
})
afterEach(() => folder.remove())

describe('readSettingsFile', () => {
  it.each([
    ['iron_cage.yaml', 'budget: 50\n# a remark\nargs: [a, "1"]\n', { budget: 50, args: ['a', '1'] }],
    ['iron_cage.yml', '', {}],
    ['iron_cage.yaml', '# nothing but a remark\n', {}],
    ['iron_cage.toml', 'budget = 0.5\n[variables]\nA = "x"\n', { budget: 0.5, variables: { A: 'x' } }],
    ['iron_cage.toml', '', {}],
  ])('reads %s holding %j', async (name, text, values) => {
    const file = await readSettingsFile(folder.write(name, text))
    expect(file?.values).toEqual(values)
  })

  it('gives null where there is no file', async () => {
    expect(await readSettingsFile(join(folder.path, 'iron_cage.yaml'))).toBeNull()
    expect(await readSettingsFile(join(folder.write('agent.py', ''), 'iron_cage.yaml'))).toBeNull()
  })

  it('knows the line of a key in YAML', async () => {
    const file = await readSettingsFile(folder.write('iron_cage.yaml', '# first\nbudget: 5\n\nenv: staging\n'))
    expect([file?.lineOf('budget'), file?.lineOf('env'), file?.lineOf('absent')]).toEqual([2, 4, null])
  })

  it.each([
    ['iron_cage.yaml', 'budget: 5\nargs: [a\nenv: x\n', /line \d is not valid YAML: .+\.$/],
    ['iron_cage.yaml', 'budget: 5\nbudget: 6\n', ', line 2 is not valid YAML: Map keys must be unique.'],
    ['iron_cage.yaml', 'budget: !money 5\n', ', line 1 is not valid YAML: Unresolved tag: !money.'],
    ['iron_cage.yaml', 'a: *nowhere\n', 'is not valid YAML: Unresolved alias'],
    ['iron_cage.yaml', 'budget: 5\n---\nbudget: 6\n', 'is not valid YAML: '],
    ['iron_cage.yaml', '- budget\n', 'holds ["budget"], but a settings file must be lines of "key: value", such as "budget: 50".'],
    ['iron_cage.yaml', '50\n', 'holds 50, but a settings file must be'],
    ['iron_cage.toml', 'budget = 5\nenv = staging\n', /, line 2 is not valid TOML: .+\.$/],
    ['iron_cage.yaml', '\0\u0001', 'holds "\\u0000\\u0001", but a settings file must be'],
  ])('names file and line of what it cannot read: %s holding %j', async (name, text, sentence) => {
    const path = folder.write(name, text)
    const problem = readSettingsFile(path)
    await expect(problem).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' })
    await expect(problem).rejects.toThrow(sentence)
    await expect(problem).rejects.toThrow(path)
    await expect(problem).rejects.not.toThrow('\n')
  })

  it('refuses what is no text of a reasonable size', async () => {
    mkdirSync(join(folder.path, 'iron_cage.yaml'))
    await expect(readSettingsFile(join(folder.path, 'iron_cage.yaml'))).rejects.toThrow('iron_cage.yaml is a folder, but must be a settings file.')
    const large = folder.write('iron_cage.yml', `# ${'x'.repeat(1_000_000)}`)
    await expect(readSettingsFile(large)).rejects.toThrow(`${large} has 1000002 bytes; a settings file has 1 MB at most.`)
    const latin = folder.write('iron_cage.toml', '')
    writeFileSync(latin, Buffer.from([0x61, 0xe9, 0x0a]))
    await expect(readSettingsFile(latin)).rejects.toThrow(`${latin} is not UTF-8 text`)
  })

  it('is not blown up by aliases', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefg'[index]},`.repeat(9).slice(0, -1)}]`)]
    await expect(readSettingsFile(folder.write('iron_cage.yaml', bomb.join('\n')))).rejects.toThrow('is not valid YAML')
  })
})
