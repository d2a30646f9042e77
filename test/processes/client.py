# A client of drunc's process manager over Python's own gRPC, driven a line of JSON at a time: {"call", "data"?, "type"?, "token"?, "raw"?}.
# Its arguments: the server's address, and for TLS the files of the authority, its own key and its own certificate.
# Messages are made from descriptors that protoc-less Python builds from the very .proto files, by the server's reflection.

import base64
import json
import sys

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, json_format, message_factory

PACKAGE = "dunedaq.druncschema"
METHODS = ["describe", "boot", "terminate", "restart", "kill", "flush", "ps"]


def varint(number):
    out = b""
    while True:
        out += bytes([(number & 127) | (128 if number > 127 else 0)])
        number >>= 7
        if not number:
            return out


def fields(data):
    """The length-delimited fields of a message, by number: enough to read a reflection answer."""
    at = 0

    def number():
        nonlocal at
        shift = value = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = number()
        if key & 7 == 2:
            length = number()
            yield key >> 3, data[at : at + length]
            at += length
        else:
            number()


def reflected(channel):
    """The files that describe the service, as the server tells them (ServerReflection, file_containing_symbol = 4)."""
    symbols = [f"{PACKAGE}.{name}".encode() for name in ("ProcessManager", "Stacktrace")]
    ask = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    pool = descriptor_pool.DescriptorPool()
    wanted = [b"\x22" + varint(len(symbol)) + symbol for symbol in symbols]
    seen = set()
    files = []
    while wanted:
        for answer in ask(iter([wanted.pop()])):
            for number, content in fields(answer):
                if number != 4:
                    continue
                for inner, file in fields(content):
                    proto = descriptor_pb2.FileDescriptorProto.FromString(file)
                    if inner == 1 and proto.name not in seen:
                        seen.add(proto.name)
                        files.append(proto)
                        for name in proto.dependency:
                            if name not in seen:
                                wanted.append(b"\x1a" + varint(len(name)) + name.encode())
    while files:
        ready = [file for file in files if all(d not in {f.name for f in files} for d in file.dependency)]
        for file in ready:
            pool.Add(file)
            files.remove(file)
    return pool


def opened(address, ca=None, key=None, certificate=None):
    if ca is None:
        return grpc.insecure_channel(address)
    contents = [None if file is None else open(file, "rb").read() for file in (ca, key, certificate)]
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*contents))


channel = opened(*sys.argv[1:])
pool = reflected(channel)
factory = message_factory.MessageFactory(pool)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))


def plain(response):
    out = {"name": response.name, "token": response.token.user_name, "flag": response.flag, "children": len(response.children)}
    if response.HasField("data"):
        name = response.data.type_url.rsplit(".", 1)[-1]
        inner = message(name)()
        inner.ParseFromString(response.data.value)
        out["url"] = response.data.type_url
        out["type"] = name
        out["data"] = json_format.MessageToDict(inner, preserving_proto_field_name=True, including_default_value_fields=True)
    return out


def requested(asked):
    request = message("Request")()
    request.token.token = asked.get("token", "")
    request.token.user_name = "tester"
    if "raw" in asked:
        request.data.type_url = f"type.googleapis.com/{PACKAGE}.{asked['type']}"
        request.data.value = base64.b64decode(asked["raw"])
    elif "type" in asked:
        inner = json_format.ParseDict(asked["data"], message(asked["type"])())
        request.data.type_url = f"type.googleapis.com/{PACKAGE}.{asked['type']}"
        request.data.value = inner.SerializeToString()
    return request


def call(asked):
    name = asked["call"]
    path = f"/{PACKAGE}.ProcessManager/{name}"
    options = dict(request_serializer=message("Request").SerializeToString, response_deserializer=message("Response").FromString)
    metadata = tuple(asked.get("metadata", {}).items())
    if name == "logs":
        stream = channel.unary_stream(path, **options)(requested(asked), timeout=20, metadata=metadata)
        return [plain(response) for response in stream]
    return plain(channel.unary_unary(path, **options)(requested(asked), timeout=20, metadata=metadata))


print(json.dumps({"services": sorted(METHODS)}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(call(json.loads(line))), flush=True)
    except grpc.RpcError as error:
        print(json.dumps({"status": error.code().name, "details": error.details()}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
