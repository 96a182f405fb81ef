import { describe, expect, it } from 'vitest'
import { readRoute } from './route.ts'
import { runAddresses } from './runAddress.ts'

describe('an address', () => {
  it.each([
    ['POST', '/run/t0ken/openai/v1/chat/completions', 'openai', 'chat/completions', '/chat/completions'],
    ['POST', '/run/t0ken/openai/v1/responses?a=b', 'openai', 'responses', '/responses?a=b'],
    ['POST', '/run/t0ken/openai/v1/completions', 'openai', 'completions', '/completions'],
    ['POST', '/run/t0ken/openai/v1/embeddings', 'openai', 'embeddings', '/embeddings'],
    ['GET', '/run/t0ken/openai/v1/models', 'openai', 'models', '/models'],
    ['GET', '/run/t0ken/openai/v1/models/gpt-4.1', 'openai', 'models', '/models/gpt-4.1'],
    ['GET', '/run/t0ken/openai/v1/models/ft:gpt-4:example::a1', 'openai', 'models', '/models/ft:gpt-4:example::a1'],
    ['GET', '/run/t0ken/openai/v1/models/ft%3Agpt-4%3Aexample', 'openai', 'models', '/models/ft%3Agpt-4%3Aexample'],
    ['GET', '/run/t0ken/openai/v1/models/example%2Fmodel-1', 'openai', 'models', '/models/example%2Fmodel-1'],
    ['POST', '/run/t0ken/anthropic/v1/messages?beta=true', 'anthropic', 'messages', '/v1/messages?beta=true'],
    ['POST', '/run/t0ken/anthropic/v1/messages/count_tokens', 'anthropic', 'messages/count_tokens', '/v1/messages/count_tokens'],
    ['GET', '/run/t0ken/anthropic/v1/models?limit=1', 'anthropic', 'models', '/v1/models?limit=1'],
    ['GET', '/run/t0ken/anthropic/v1/models/claude-opus-5', 'anthropic', 'models', '/v1/models/claude-opus-5'],
  ])('%s %s', (method, url, provider, endpoint, path) => {
    expect(readRoute(method, url)).toEqual({ token: 't0ken', provider, endpoint, path, allowed: null })
  })

  it.each([
    ['GET', '/run/t0ken/openai/v1/chat/completions', 'POST'],
    ['DELETE', '/run/t0ken/openai/v1/models/gpt-4', 'GET'],
    ['POST', '/run/t0ken/openai/v1/models', 'GET'],
    ['PUT', '/run/t0ken/anthropic/v1/messages', 'POST'],
    ['HEAD', '/run/t0ken/anthropic/v1/models', 'GET'],
  ])('%s %s takes another method', (method, url, allowed) => {
    expect(readRoute(method, url)).toMatchObject({ endpoint: 'unknown', allowed })
  })

  it.each([
    '/run/t0ken/openai/v1/files',
    '/run/t0ken/openai/v1/chat/completions/',
    '/run/t0ken/openai/v1//chat/completions',
    '/run/t0ken/openai/v1/Chat/Completions',
    '/run/t0ken/openai/v1/chat%2Fcompletions',
    '/run/t0ken/openai/v1/chat/completions#x',
    '/run/t0ken/openai/chat/completions',
    '/run/t0ken/openai/v1',
    '/run/t0ken/anthropic/v1/messages/batches',
    '/run/t0ken/anthropic/v1/v1/messages',
    '/run/t0ken/google/v1/models',
    '/run/t0ken/',
  ])('%s has no door', (url) => {
    // Told as it came, so that a wrong base URL is seen at once.
    expect(readRoute('POST', url)).toMatchObject({ token: 't0ken', endpoint: 'unknown', allowed: null, path: url.slice('/run/t0ken'.length) })
  })

  it.each(['..', '.', '%2e%2e', '..%2Ffiles', 'a%2F..%2Ffiles', 'a/../files', 'a/b', 'a%2F', 'a%5c..', ''])('a model called %j leads nowhere', (id) => {
    expect(readRoute('GET', `/run/t0ken/openai/v1/models/${id}`)).toMatchObject({ endpoint: 'unknown' })
  })

  it.each(['/', '/run', '/run/', '/run//openai/v1/models', '/run/t0ken', '/run/t.k/openai/v1/models', 'http://127.0.0.1/run/t0ken/openai/v1/models', '*', ''])(
    '%s names no run',
    (url) => {
      expect(readRoute('GET', url)).toBeNull()
    },
  )

  it('is what a run is given', () => {
    const { openai, anthropic } = runAddresses('', 't0ken')
    expect(readRoute('POST', `${openai}/chat/completions`)).toMatchObject({ token: 't0ken', endpoint: 'chat/completions' })
    expect(readRoute('POST', `${anthropic}/v1/messages`)).toMatchObject({ token: 't0ken', endpoint: 'messages' })
  })
})
