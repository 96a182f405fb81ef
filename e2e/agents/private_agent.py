"""Sends a model what stands under each typed word, private things among it, by plain HTTP; prints none of it."""
import json
import os
import sys
import urllib.error
import urllib.request

TEXTS = {
    "email": "Contact ceo@acme.com about Acorn Works.",
    "phone": "Call Ada at (415) 555-0132 about Acorn Works.",
    "ssn": "Her number is 078-05-1120.",
    "plain": "Tell me about Acorn Works.",
    "many": "Write to " + ", ".join(f"lead{number}@prospects.example" for number in range(40)),
}


def ask(text: str) -> str:
    body = {"model": "gpt-4", "max_tokens": 20, "messages": [{"role": "user", "content": text}]}
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'sk-invented')}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            json.load(answer)
            return "answered"
    except urllib.error.HTTPError as refusal:
        return f"refused with {refusal.code}"


print("ready", flush=True)
for line in sys.stdin:
    word = line.strip()
    print(f"{word}: {ask(TEXTS[word])}", flush=True)
