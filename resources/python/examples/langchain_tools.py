# LangChain: plain tools of LangChain. The room sees their use, redacts what goes into them, and refuses what is not allowed.
# Run it: iron_cage start examples/langchain_tools.py --allow-tool save_note --unauthorised refuse

from langchain_core.messages import HumanMessage, ToolCall
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from iron_cage import AgentRuntime, NotAllowed

NOTES: list[str] = []


@tool
def save_note(text: str) -> str:
    """Save a note about a customer."""
    NOTES.append(text)
    return f"note {len(NOTES)} is saved"


@tool
def delete_customer(name: str) -> str:
    """Delete a customer."""
    raise AssertionError("The room does not let it come to this.")


def main() -> None:
    with AgentRuntime(budget=0.10, name="notes"):
        model = ChatOpenAI(model="gpt-4o-mini", max_completion_tokens=150).bind_tools([save_note])
        answer = model.invoke([HumanMessage("Save the note: Dana Reed, dana.reed@example.com, wants an offer by Friday.")])
        for call in answer.tool_calls:
            print(f"The model calls {call['name']} with {call['args']}")
            print(f"  {save_note.invoke(call).text}")

        save_note.invoke({"text": "Call back at 555-123-4567."})
        print("Kept:", *NOTES, sep="\n  ")

        try:
            delete_customer.invoke(ToolCall(name="delete_customer", args={"name": "Dana Reed"}, id="call-1"))
        except NotAllowed as problem:
            print(f"Not done: {problem}")


if __name__ == "__main__":
    main()
