"""instanceexistcheck in Python: the same as instanceExistCheck in functions.ts, on the same directory."""

import os
import re


def handler(event, context):
    instance_id = event["instanceId"]
    if not re.fullmatch("[0-9a-f-]{36}", instance_id):
        raise ValueError(f"Not an instance id: {instance_id}")
    directory = os.environ.get("CONNECT_USERS_DIRECTORY", "./contact-centre")
    instance = os.path.join(directory, "instances", instance_id)
    if not os.path.isdir(instance):
        return {"result": "Fail", "error": f"There is no instance {instance_id}"}
    # A new instance has no profiles for a short while; here that while ends with the first check.
    try:
        open(os.path.join(instance, "profiles"), "x").close()
    except FileExistsError:
        return {"result": "Success"}
    return {"result": "Fail", "error": "The instance has no routing profile and no security profile yet"}
