import { describe, expect, it } from 'vitest'
import { launchLink, scriptOfLink } from './launchLink.ts'

describe('the link that names a script', () => {
  it.each(['/invented/lead gen agent.py', 'C:\\Users\\ada\\agent#1.py', '/tmp/ünï&code=1.py'])('brings %s through', (script) => {
    const url = new URL(launchLink(script), 'https://room.example/')
    expect(scriptOfLink(url.hash)).toBe(script)
  })

  it.each(['', '#', '#launch=', '#launch=%zz', '#other=/tmp/a.py'])('finds none in %j', (hash) => {
    expect(scriptOfLink(hash)).toBeNull()
  })
})
