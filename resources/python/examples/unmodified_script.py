# A script that knows nothing of Iron Cage: no import, no wrapper, and its budget and its private data are looked after.
# Run it: iron_cage start examples/unmodified_script.py --budget 0.05

import csv
import io

from openai import OpenAI

LEADS = """name,company,email
Maria Lopez,Alder Works,maria.lopez@example.com
Tom Becker,Nordlicht Energy,tom.becker@example.com
Aiko Tanaka,Hoshi Robotics,aiko.tanaka@example.com
"""

client = OpenAI()
for row in csv.DictReader(io.StringIO(LEADS)):
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        max_tokens=80,
        # The address is in here; the model gets [EMAIL_REDACTED] in its place.
        messages=[{"role": "user", "content": f"Rate this lead from 1 to 10: {', '.join(row.values())}"}],
    )
    print(f"{row['company']}: {answer.choices[0].message.content}")
