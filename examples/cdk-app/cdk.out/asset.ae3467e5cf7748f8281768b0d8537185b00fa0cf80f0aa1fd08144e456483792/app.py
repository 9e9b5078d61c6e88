"""An asset function in Python, of two files."""

from rules import risk


def handler(event, context):
    if "zip" not in event:
        raise ValueError("an order must have a zip")
    return {"risk": risk(int(event["quantity"]), event["zip"]), "function": context.function_name}
