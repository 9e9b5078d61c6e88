"""Stands in for AWS's other services: moto's server and boto3, spoken to in lines of JSON.

Prints {"endpoint": ...} when it is ready. A line {"id", "service", "call", "params"} is answered by a line
{"id", "body", "error"}, in any order; it ends with its standard input.
"""

import base64
import datetime
import json
import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

os.environ.update(
    AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true"
)
os.environ.pop("AWS_PROFILE", None)
os.environ["MOTO_ACCOUNT_ID"] = sys.argv[1]

import boto3  # noqa: E402
from botocore import xform_name  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.ERROR)
clients_lock = threading.Lock()
output_lock = threading.Lock()
clients = {}


def client_of(service, endpoint):
    with clients_lock:
        if service not in clients:
            config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, max_pool_connections=32)
            clients[service] = boto3.client(service, endpoint_url=endpoint, config=config)
        return clients[service]


def to_python(value):
    if isinstance(value, dict):
        if set(value) == {"$base64"}:
            return base64.b64decode(value["$base64"])
        return {key: to_python(member) for key, member in value.items()}
    return [to_python(item) for item in value] if isinstance(value, list) else value


def to_json(value):
    if isinstance(value, dict):
        return {key: to_json(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if hasattr(value, "read"):
        value = value.read()
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value


def answer(request, endpoint):
    try:
        operation = getattr(client_of(request["service"], endpoint), xform_name(request["call"]))
        body = to_json(operation(**to_python(request["params"])))
        error = None
    except ClientError as refused:
        body = to_json(refused.response)
        error = {"code": body["Error"].get("Code", ""), "message": body["Error"].get("Message", "")}
    except Exception as broken:
        body = {}
        error = {"code": type(broken).__name__, "message": str(broken)}
    if "ResponseMetadata" in body:
        body["ResponseMetadata"] = {"HTTPStatusCode": body["ResponseMetadata"].get("HTTPStatusCode")}
    with output_lock:
        print(json.dumps({"id": request["id"], "body": body, "error": error}), flush=True)


server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(json.dumps({"endpoint": f"http://{host}:{port}"}), flush=True)
with ThreadPoolExecutor(16) as pool:
    for line in sys.stdin:
        pool.submit(answer, json.loads(line), f"http://{host}:{port}")
server.stop()
