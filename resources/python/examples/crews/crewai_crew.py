# CrewAI: a crew of two, one after the other. The room counts what each of them costs, within one budget.
# Run it: iron_cage start examples/crews/crewai_crew.py

from crewai import LLM, Agent, Crew, Process, Task

from iron_cage import AgentRuntime


def main() -> None:
    with AgentRuntime(budget=0.50, name="newsletter") as runtime:
        llm = LLM(model="gpt-4o-mini", max_tokens=300)
        researcher = Agent(role="Researcher", goal="Find what matters about a subject", backstory="You read a lot, and quickly.", llm=llm)
        writer = Agent(role="Writer", goal="Write so that people read on", backstory="You have run a small paper for years.", llm=llm)

        research = Task(description="List what matters about {subject}.", expected_output="A list of four points.", agent=researcher)
        article = Task(
            description="Write a short message to our readers about {subject}.",
            expected_output="A message of three sentences.",
            agent=writer,
            context=[research],
        )
        crew = Crew(agents=[researcher, writer], tasks=[research, article], process=Process.sequential)
        crew.kickoff(inputs={"subject": "repair cafés"})

        for task in crew.tasks:
            if task.output is not None:
                print(f"--- {task.output.agent}\n{task.output.raw}\n")
        print(f"${runtime.spent:.6f} for {len(crew.tasks)} tasks")


if __name__ == "__main__":
    main()
