"""A small and quick client of the AWS door: one connection that stays open, and its own signer.

A boto3 client takes milliseconds of processor for each call; where many calls have to be on their
way at the same moment, that is too much. It checks nothing, repeats nothing and keeps nothing.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import ssl
import urllib.parse

CONTENT_TYPE = "application/x-amz-json-1.1"
SIGNED_HEADERS = "content-type;host;x-amz-date;x-amz-target"


def signing_key(secret, date, region, service="kms"):
    """The SigV4 key of a day (`YYYYMMDD`), region and service: 32 bytes."""
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class Refused(Exception):
    """The server's answer is an exception of the API."""

    def __init__(self, status, code, message):
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class KmsClient:
    """A client of one server, for one thread."""

    def __init__(self, ready, context=None, timeout=30):
        self.place = urllib.parse.urlsplit(ready["endpoint"])
        self.region = ready["region"]
        self.access_key_id = ready["access_key_id"]
        self._secret = ready["secret_access_key"]
        self._key = (None, None)
        # How many requests were answered, with a refusal or otherwise.
        self.answers = 0
        self._connection = http.client.HTTPSConnection(
            self.place.hostname,
            self.place.port,
            context=context or ssl.create_default_context(cafile=ready["ca_file"]),
            timeout=timeout,
        )

    def call(self, operation, **parameters):
        """The answer. `Refused` if it is a refusal; an `OSError` or `HTTPException` if there is
        none, and then nobody knows whether it was done."""
        return self.send(operation, json.dumps(parameters).encode())

    def send(self, operation, body):
        """The same with a body that need not be JSON."""
        headers = self._signed(f"TrentService.{operation}", body)
        self._connection.request("POST", "/", body=body, headers=headers)
        reply = self._connection.getresponse()
        content = reply.read()
        self.answers += 1
        answer = json.loads(content) if content else {}
        if reply.status != 200:
            raise Refused(reply.status, answer.get("__type"), answer.get("message"))
        return answer

    def close(self):
        """Hangs up."""
        self._connection.close()

    def _signed(self, target, body):
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        date = stamp[:8]
        if self._key[0] != date:
            self._key = (date, signing_key(self._secret, date, self.region))
        canonical = (
            f"POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{self.place.netloc}\n"
            f"x-amz-date:{stamp}\nx-amz-target:{target}\n\n{SIGNED_HEADERS}\n"
            f"{hashlib.sha256(body).hexdigest()}"
        )
        scope = f"{date}/{self.region}/kms/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        signature = hmac.new(self._key[1], text.encode(), hashlib.sha256).hexdigest()
        return {
            "Content-Type": CONTENT_TYPE,
            "X-Amz-Date": stamp,
            "X-Amz-Target": target,
            "Authorization": (
                f"AWS4-HMAC-SHA256 Credential={self.access_key_id}/{scope}, "
                f"SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
            ),
        }
