/** Requests of every kind with something to plant in wherever an agent may write. For specs only. */
export interface PlantedRequest {
  readonly what: string
  readonly provider: 'openai' | 'anthropic'
  readonly path: string
  readonly body: object
  /** How many places were planted in. */
  readonly places: number
}

type Build = (plant: () => string) => object

function planted(what: string, provider: PlantedRequest['provider'], path: string, canary: (place: number) => string, build: Build): PlantedRequest {
  let places = 0
  const body = build(() => canary(++places))
  return { what, provider, path, body, places }
}

export function plantedRequests(canary: (place: number) => string): readonly PlantedRequest[] {
  return [
    planted('a chat', 'openai', '/chat/completions', canary, (plant) => ({
      model: 'gpt-4',
      max_tokens: 200,
      temperature: 0.7,
      seed: 4155550132,
      user: plant(),
      metadata: { trace: plant(), [plant()]: 'a name' },
      stop: [plant()],
      messages: [
        { role: 'system', content: `You are helpful. ${plant()}` },
        { role: 'user', name: plant(), content: `Hello!\n${plant()}` },
        { role: 'assistant', content: plant(), refusal: null },
        {
          role: 'user',
          content: [
            { type: 'text', text: `"${plant()}", he wrote.` },
            { type: 'image_url', image_url: { url: `https://img.example.com/?of=${plant()}`, detail: 'low' } },
            { type: 'file', file: { filename: plant(), file_data: textUrl(`Name,Mail\nMaria,${plant()}\n`) } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'send', arguments: JSON.stringify({ to: plant(), n: 1.5, cc: [plant()] }) } },
            { id: 'call_2', type: 'function', function: { name: 'run', arguments: JSON.stringify({ input: JSON.stringify({ deep: plant() }) }) } },
            { id: 'call_3', type: 'function', function: { name: 'run', arguments: `broken { ${plant()}` } },
          ],
          function_call: { name: 'old', arguments: escaped(JSON.stringify({ to: plant() })) },
        },
        { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify({ rows: [{ mail: plant() }] }) },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: `Done: ${plant()}` }] },
        { role: 'function', name: 'old', content: plant() },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'send',
            description: `Sends, as in ${plant()}`,
            parameters: {
              type: 'object',
              properties: { to: { type: 'string', description: plant(), default: plant(), enum: [plant()] }, n: { type: 'integer', minimum: -3 } },
            },
          },
        },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object', title: plant() } } },
      prediction: { type: 'content', content: plant() },
      web_search_options: { user_location: { type: 'approximate', approximate: { city: plant() } } },
      unheard_of: { deep: [[{ deeper: plant() }]] },
    })),
    planted('a response', 'openai', '/responses', canary, (plant) => ({
      model: 'gpt-4',
      max_output_tokens: 200,
      instructions: plant(),
      input: [
        { role: 'user', content: [{ type: 'input_text', text: plant() }, { type: 'input_file', filename: 'a.txt', file_data: textUrl(plant()) }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: plant(), annotations: [{ type: 'url_citation', url: `https://example.com/${plant()}` }] }] },
        { type: 'function_call', call_id: 'c1', name: 'send', arguments: JSON.stringify({ to: plant() }) },
        { type: 'function_call_output', call_id: 'c1', output: JSON.stringify({ seen: plant() }) },
        { type: 'custom_tool_call', call_id: 'c2', name: 'run', input: plant() },
        { type: 'custom_tool_call_output', call_id: 'c2', output: plant() },
        { type: 'mcp_call', id: 'm1', name: 'look', server_label: 's', arguments: JSON.stringify({ q: plant() }), output: plant() },
        { type: 'reasoning', id: 'r1', summary: [{ type: 'summary_text', text: plant() }] },
        { type: 'item_reference', id: plant() },
      ],
      tools: [
        { type: 'function', name: 'send', description: plant(), parameters: { type: 'object', properties: { to: { description: plant() } } } },
        { type: 'mcp', server_label: 's', server_url: `https://mcp.example.com/?for=${plant()}`, headers: { 'x-for': plant() } },
      ],
      metadata: { of: plant() },
      user: plant(),
      safety_identifier: plant(),
      prompt_cache_key: plant(),
      text: { format: { type: 'json_schema', name: 'a', schema: { description: plant() } } },
    })),
    planted('a completion', 'openai', '/completions', canary, (plant) => ({
      model: 'davinci-002',
      max_tokens: 20,
      prompt: [plant(), `and ${plant()}`],
      suffix: plant(),
      stop: plant(),
      user: plant(),
      logit_bias: { '50256': -100 },
    })),
    planted('embeddings', 'openai', '/embeddings', canary, (plant) => ({ model: 'text-embedding-3-small', input: [plant(), `of ${plant()}`], user: plant(), dimensions: 256 })),
    planted('messages', 'anthropic', '/v1/messages', canary, (plant) => ({ ...message(plant), max_tokens: 200 })),
    planted('a count of tokens', 'anthropic', '/v1/messages/count_tokens', canary, (plant) => message(plant)),
  ]
}

function message(plant: () => string): object {
  return {
    model: 'claude-sonnet-4-5',
    temperature: 0.25,
    system: [{ type: 'text', text: plant(), cache_control: { type: 'ephemeral' } }],
    metadata: { user_id: plant() },
    stop_sequences: [plant()],
    messages: [
      { role: 'user', content: plant() },
      {
        role: 'user',
        content: [
          { type: 'text', text: `Look: ${plant()}` },
          { type: 'document', title: plant(), context: plant(), source: { type: 'text', media_type: 'text/plain', data: plant() } },
          { type: 'document', source: { type: 'content', content: [{ type: 'text', text: plant() }] } },
          { type: 'document', source: { type: 'base64', media_type: 'text/plain', data: Buffer.from(`For ${plant()} – ü`).toString('base64') } },
          { type: 'search_result', source: `https://example.com/?q=${plant()}`, title: plant(), content: [{ type: 'text', text: plant() }] },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: plant(), signature: 'c2lnbmF0dXJl' },
          { type: 'text', text: plant(), citations: [{ type: 'char_location', cited_text: plant() }] },
          { type: 'tool_use', id: 'toolu_1', name: 'send', input: { to: plant(), n: 4155550132, nested: { cc: [plant()] }, [plant()]: true, json: JSON.stringify({ x: plant() }) } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: plant() },
          { type: 'tool_result', tool_use_id: 'toolu_1', is_error: false, content: [{ type: 'text', text: JSON.stringify({ rows: [plant()] }) }] },
        ],
      },
    ],
    tools: [{ name: 'send', description: plant(), input_schema: { type: 'object', properties: { to: { type: 'string', description: plant(), examples: [plant()] } } } }],
    mcp_servers: [],
  }
}

function textUrl(text: string): string {
  return `data:text/plain;base64,${Buffer.from(text).toString('base64')}`
}

/** JSON with every `@` and `-` behind an escape. */
function escaped(json: string): string {
  return json.replaceAll('@', '\\u0040').replaceAll('-', '\\u002d')
}
