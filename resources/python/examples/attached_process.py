# Started by nobody but you: the block attaches this process to the room that runs, or starts one without a window for it.
# Run it: python examples/attached_process.py

from openai import OpenAI

from iron_cage import AgentRuntime, Runtime


def main() -> None:
    # `provider="simulated"` asks nobody outside and costs nothing; leave it out to let the room decide.
    with AgentRuntime(budget=0.25, name="notebook", provider="simulated") as runtime:
        answer = OpenAI().chat.completions.create(
            model="gpt-4o-mini", max_tokens=60, messages=[{"role": "user", "content": "Summarise why budgets for agents are useful."}]
        )
        print(answer.choices[0].message.content)
        spent, agent_id = runtime.spent, runtime.agent_id

    # The process has left the room; what it did stands there still.
    status = Runtime().get_status(agent_id)
    print(f"The room knew this process as {agent_id}: {status['status']}, ${spent:.6f} spent.")


if __name__ == "__main__":
    main()
