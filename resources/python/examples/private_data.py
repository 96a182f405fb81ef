# Private data: redacted on its way to the model and back, in the arguments of tools, and wherever the program asks.
# Run it: iron_cage start examples/private_data.py

from openai import OpenAI

from iron_cage import AgentRuntime, tool

NOTE = "Spoke to Dana Reed (dana.reed@example.com, 555-123-4567). Her SSN is 078-05-1120. She wants an offer by Friday."


@tool
def send_mail(to: str, body: str) -> str:
    # Arguments come as the rules let them through.
    print(f"To {to}:\n  {body}")
    return "sent"


with AgentRuntime(budget=0.20, name="notes") as runtime:
    answer = OpenAI().chat.completions.create(
        model="gpt-4o-mini", max_tokens=150, messages=[{"role": "user", "content": f"Summarise this note for the sales team: {NOTE}"}]
    )
    # Redacted on the way to the model, and again on the way back.
    print(f"The model says:\n  {answer.choices[0].message.content}\n")

    # Whatever else leaves the program can be asked about.
    print(f"The note as it may be published:\n  {runtime.check(NOTE, place='public report')}\n")

    # Tools are looked after by themselves.
    send_mail("sales team", body=NOTE)
