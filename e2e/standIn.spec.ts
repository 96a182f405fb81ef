import { expect, test } from './fixture.ts'
import { onlyWhatIsCovered } from './standIn/onlyWhatIsCovered.ts'

test.describe('the stand-in for Electron', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'stand-in', 'It stands in nowhere else.'))

  test('throws on what it does not cover instead of answering with nothing', () => {
    const app = onlyWhatIsCovered('app', { quit: () => 'done' } as { quit: () => string; getLocale?: () => string })
    expect(app.quit()).toBe('done')
    expect(() => app.getLocale).toThrow('The stand-in for electron does not cover app.getLocale')
  })

  test('hands the page a bridge that cannot be replaced, and refuses what cannot be cloned', async ({ room, host }) => {
    const answers = await room.page.evaluate(() => {
      const bridge = (window as unknown as { controlRoom: { post(message: unknown): void } }).controlRoom
      const attempt = (deed: () => void): string => {
        try {
          deed()
          return 'done'
        } catch (problem) {
          return (problem as Error).name
        }
      }
      return {
        function: attempt(() => bridge.post({ id: 1, request: () => {} })),
        replaced: attempt(() => Object.assign(window, { controlRoom: null })),
        altered: attempt(() => Object.assign(bridge, { post: () => {} })),
      }
    })
    expect(answers).toEqual({ function: 'DataCloneError', replaced: 'TypeError', altered: 'TypeError' })
    expect(host.standIn?.main.exitCode).toBeNull()
  })
})
