"""Asks a model as often as each typed line says, by plain HTTP: it knows its provider's address and no control room."""
import json
import os
import sys
import urllib.error
import urllib.request


def ask() -> None:
    body = {"model": "gpt-4", "max_tokens": 20, "messages": [{"role": "user", "content": "Tell me about Acorn Works."}]}
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'sk-invented')}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            usage = json.load(answer)["usage"]
            print(f"used {usage['prompt_tokens']} in {usage['completion_tokens']} out", flush=True)
    except urllib.error.HTTPError as refusal:
        error = json.load(refusal)["error"]
        print(f"refused with {refusal.code} {error['code']}: {error['message']}", flush=True)


print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        ask()
    print(f"asked {line.strip()}", flush=True)
