# Tools under rules: what is not on the list is not used, and what is used stands in the room's events with its arguments.
# Run it: iron_cage start examples/guarded_tools.py --allow-tool look_up_order --allow-tool refund --unauthorised refuse

from iron_cage import AgentRuntime, NotAllowed, tool

ORDERS = {"A-1": 49.00, "A-2": 1250.00}


@tool
def look_up_order(order: str) -> float:
    return ORDERS[order]


@tool
def refund(order: str, amount: float) -> str:
    return f"${amount:.2f} go back for {order}"


@tool
def delete_order(order: str) -> str:
    del ORDERS[order]
    return f"{order} is gone"


with AgentRuntime(name="support desk") as runtime:
    amount = look_up_order("A-1")
    print(refund("A-1", amount))
    try:
        delete_order("A-2")
    except NotAllowed as problem:
        print(f"Not done: {problem}")
        runtime.log("a tool was refused", level="WARN", tool="delete_order", order="A-2")
    print(f"Orders that are left: {', '.join(ORDERS)}")
