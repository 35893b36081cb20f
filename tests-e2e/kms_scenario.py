"""Every operation of the AWS KMS API that the server has, through boto3, with what each refuses.

First the keys and what surrounds them; what keys are used for is in `kms_use_scenario.py`.
"""

import datetime
import json

from run import statement

DAY = datetime.timedelta(days=1)
NOWHERE = "12345678-1234-4234-8234-123456789012"

# Every spec, with the usages it may be made for and the member that lists its algorithms.
SPECS = {
    "SYMMETRIC_DEFAULT": ["ENCRYPT_DECRYPT"],
    "RSA_2048": ["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
    "RSA_3072": ["SIGN_VERIFY"],
    "RSA_4096": ["ENCRYPT_DECRYPT"],
    "ECC_NIST_P256": ["SIGN_VERIFY", "KEY_AGREEMENT"],
    "ECC_NIST_P384": ["SIGN_VERIFY", "KEY_AGREEMENT"],
    "ECC_NIST_P521": ["SIGN_VERIFY", "KEY_AGREEMENT"],
    "ECC_SECG_P256K1": ["SIGN_VERIFY"],
    "ECC_NIST_EDWARDS25519": ["SIGN_VERIFY"],
    "HMAC_224": ["GENERATE_VERIFY_MAC"],
    "HMAC_256": ["GENERATE_VERIFY_MAC"],
    "HMAC_384": ["GENERATE_VERIFY_MAC"],
    "HMAC_512": ["GENERATE_VERIFY_MAC"],
    "ML_DSA_44": ["SIGN_VERIFY"],
    "ML_DSA_65": ["SIGN_VERIFY"],
    "ML_DSA_87": ["SIGN_VERIFY"],
    "ML_KEM_512": ["ENCAPSULATE_DECAPSULATE"],
    "ML_KEM_768": ["ENCAPSULATE_DECAPSULATE"],
    "ML_KEM_1024": ["ENCAPSULATE_DECAPSULATE"],
}
LISTED_AS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


def make(ctx, **parameters):
    """A new key's metadata."""
    return ctx.kms.create_key(**parameters)["KeyMetadata"]


def arn_of(ctx, name, region=None):
    return f"arn:aws:kms:{region or ctx.region}:{ctx.account}:{name}"


def near(time, expected, seconds=120):
    assert abs((time - expected).total_seconds()) < seconds, (time, expected)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


# CreateKey, DescribeKey


def test_create_key_makes_every_spec(ctx):
    for spec, usages in SPECS.items():
        for usage in usages:
            key = make(ctx, KeySpec=spec, KeyUsage=usage, Description=f"{spec} {usage}")
            assert key["AWSAccountId"] == ctx.account and len(key["KeyId"]) == 36
            assert key["Arn"] == arn_of(ctx, f"key/{key['KeyId']}")
            assert (key["KeySpec"], key["CustomerMasterKeySpec"]) == (spec, spec)
            assert (key["KeyUsage"], key["KeyState"], key["Enabled"]) == (usage, "Enabled", True)
            assert (key["Origin"], key["KeyManager"]) == ("AWS_KMS", "CUSTOMER")
            assert key["MultiRegion"] is False and "DeletionDate" not in key
            near(key["CreationDate"], now())
            for name, member in LISTED_AS.items():
                assert bool(key.get(member)) == (name == usage), (spec, usage, member)
            assert ctx.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] == key


def test_create_key_is_symmetric_by_default(ctx):
    key = make(ctx)
    assert (key["KeySpec"], key["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert key["Description"] == "" and key["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    old = make(ctx, CustomerMasterKeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    assert old["KeySpec"] == "HMAC_256"


def test_create_key_refuses_what_makes_no_sense(ctx):
    create = ctx.kms.create_key
    ctx.refused(
        *("ValidationException", create),
        message="1 validation error detected: Value 'AES_1' at 'keySpec' failed to satisfy "
        "constraint: Member must satisfy enum value set: [",
        KeySpec="AES_1",
    )
    ctx.refused(
        *("ValidationException", create, "2 validation errors detected: "),
        KeySpec="AES_1",
        KeyUsage="DANCE",
    )
    ctx.refused(
        *("ValidationException", create),
        message="You must specify a KeyUsage value for all KMS keys except for symmetric "
        "encryption keys.",
        KeySpec="RSA_2048",
    )
    ctx.refused(
        *("ValidationException", create),
        message="KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
        KeySpec="RSA_2048",
        KeyUsage="KEY_AGREEMENT",
    )
    ctx.refused(
        *("ValidationException", create),
        KeySpec="RSA_2048",
        CustomerMasterKeySpec="RSA_2048",
        KeyUsage="SIGN_VERIFY",
    )
    ctx.refused(
        *("ValidationException", create, "at 'description'"), Description="d" * 8193
    )
    assert make(ctx, Description="d" * 8192)["Description"] == "d" * 8192
    for parameters in ({"Origin": "EXTERNAL"}, {"MultiRegion": True}):
        ctx.refused("UnsupportedOperationException", create, **parameters)


def test_create_key_needs_permission(ctx):
    create = ctx.client_for(statement("Allow", "kms:ListKeys")).create_key
    said = ctx.refused("AccessDeniedException", create)
    assert "kms:CreateKey" in said["Message"] and "user/" in said["Message"]
    only_small = statement(
        *("Allow", ["kms:CreateKey"]),
        Condition={"StringEquals": {"kms:KeySpec": "ECC_NIST_P256"}},
    )
    client = ctx.client_for(only_small)
    client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    ctx.refused("AccessDeniedException", client.create_key)
    ctx.refused(
        *("AccessDeniedException", client.create_key),
        KeySpec="ECC_NIST_P256",
        KeyUsage="SIGN_VERIFY",
        Tags=[{"TagKey": "a", "TagValue": "b"}],
    )


def test_describe_key_takes_four_names(ctx):
    key = make(ctx)
    ctx.kms.create_alias(AliasName="alias/describe", TargetKeyId=key["KeyId"])
    for name in (key["KeyId"], key["Arn"], "alias/describe", arn_of(ctx, "alias/describe")):
        assert ctx.kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == key["Arn"]


def test_describe_key_says_what_is_not_there(ctx):
    describe = ctx.kms.describe_key
    missing = arn_of(ctx, f"key/{NOWHERE}")
    message = f"Key '{missing}' does not exist"
    for name in (NOWHERE, missing):
        ctx.refused("NotFoundException", describe, message, KeyId=name)
    ctx.refused("NotFoundException", describe, "Invalid keyId 'fake-key-id'", KeyId="fake-key-id")
    ctx.refused("NotFoundException", describe, "alias/not-there", KeyId="alias/not-there")
    elsewhere = arn_of(ctx, f"key/{NOWHERE}", region="xx-nowhere-9")
    ctx.refused("NotFoundException", describe, "Invalid arn xx-nowhere-9", KeyId=elsewhere)
    ctx.refused("ValidationException", ctx.unchecked.describe_key, "at 'keyId'")
    ctx.refused("ValidationException", describe, "2048", KeyId="k" * 2049)
    ctx.refused(
        "InvalidGrantTokenException", describe, KeyId=make(ctx)["KeyId"], GrantTokens=["token"]
    )


def test_describe_key_needs_permission(ctx):
    key = make(ctx)
    stranger = ctx.principal()
    ctx.refused("AccessDeniedException", stranger.client.describe_key, KeyId=key["KeyId"])
    # One who may not look does not learn whether there is anything.
    ctx.refused("AccessDeniedException", stranger.client.describe_key, KeyId=NOWHERE)


# ListKeys


def test_list_keys_in_pages(ctx):
    made = {make(ctx)["KeyId"] for _ in range(5)}
    seen, marker = [], {}
    while True:
        page = ctx.kms.list_keys(Limit=3, **marker)
        assert len(page["Keys"]) <= 3
        seen += page["Keys"]
        if not page["Truncated"]:
            assert "NextMarker" not in page
            break
        marker = {"Marker": page["NextMarker"]}
    ids = [key["KeyId"] for key in seen]
    assert len(ids) == len(set(ids)) and made <= set(ids)
    assert all(key["KeyArn"] == arn_of(ctx, f"key/{key['KeyId']}") for key in seen)
    pages = ctx.kms.get_paginator("list_keys").paginate()
    assert {key["KeyId"] for page in pages for key in page["Keys"]} >= made


def test_list_keys_refusals(ctx):
    ctx.refused("InvalidMarkerException", ctx.kms.list_keys, Marker="not a marker")
    for limit in (0, 1001):
        ctx.refused("ValidationException", ctx.unchecked.list_keys, "at 'limit'", Limit=limit)
    ctx.refused("AccessDeniedException", ctx.principal().client.list_keys)


# UpdateKeyDescription, EnableKey, DisableKey


def test_update_key_description(ctx):
    key = make(ctx, Description="before")["KeyId"]
    text = "after \u00e9 \"quoted\" \\ \n line"
    ctx.kms.update_key_description(KeyId=key, Description=text)
    assert ctx.kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == text
    update = ctx.kms.update_key_description
    ctx.refused("ValidationException", update, KeyId=key, Description="d" * 8193)
    ctx.refused("NotFoundException", update, KeyId=NOWHERE, Description="d")
    ctx.refused("NotFoundException", update, "Invalid keyId", KeyId="alias/a", Description="d")
    stranger = ctx.principal().client.update_key_description
    ctx.refused("AccessDeniedException", stranger, KeyId=key, Description="d")


def test_disable_and_enable_key(ctx):
    key = make(ctx)
    ctx.kms.disable_key(KeyId=key["KeyId"])
    metadata = ctx.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Disabled", False)
    message = f"{key['Arn']} is disabled."
    ctx.refused("DisabledException", ctx.kms.encrypt, message, KeyId=key["KeyId"], Plaintext=b"p")
    ctx.kms.disable_key(KeyId=key["Arn"])
    ctx.kms.enable_key(KeyId=key["Arn"])
    assert ctx.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
    ctx.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"p")
    stranger = ctx.principal().client
    for name in ("enable_key", "disable_key"):
        ctx.refused("NotFoundException", getattr(ctx.kms, name), KeyId=NOWHERE)
        ctx.refused("AccessDeniedException", getattr(stranger, name), KeyId=key["KeyId"])


# ScheduleKeyDeletion, CancelKeyDeletion


def test_schedule_and_cancel_key_deletion(ctx):
    key = make(ctx)
    name = {"KeyId": key["KeyId"]}
    reply = ctx.kms.schedule_key_deletion(PendingWindowInDays=7, **name)
    assert (reply["KeyId"], reply["KeyState"]) == (key["Arn"], "PendingDeletion")
    assert reply["PendingWindowInDays"] == 7
    near(reply["DeletionDate"], now() + 7 * DAY)
    metadata = ctx.kms.describe_key(**name)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingDeletion", False)
    assert metadata["DeletionDate"] == reply["DeletionDate"]
    message = f"{key['Arn']} is pending deletion."
    state = "KMSInvalidStateException"
    ctx.refused(state, ctx.kms.encrypt, message, Plaintext=b"p", **name)
    ctx.refused(state, ctx.kms.generate_data_key, message, KeySpec="AES_256", **name)
    ctx.refused(state, ctx.kms.schedule_key_deletion, message, **name)
    ctx.refused(state, ctx.kms.enable_key, message, **name)
    ctx.refused(state, ctx.kms.disable_key, message, **name)
    ctx.refused(state, ctx.kms.update_key_description, message, Description="d", **name)
    ctx.refused(state, ctx.kms.tag_resource, Tags=[{"TagKey": "a", "TagValue": "b"}], **name)
    alias = {"AliasName": "alias/too-late", "TargetKeyId": key["KeyId"]}
    ctx.refused(state, ctx.kms.create_alias, **alias)
    assert ctx.kms.cancel_key_deletion(**name)["KeyId"] == key["Arn"]
    assert ctx.kms.describe_key(**name)["KeyMetadata"]["KeyState"] == "Disabled"
    not_pending = f"{key['Arn']} is not pending deletion."
    ctx.refused(state, ctx.kms.cancel_key_deletion, not_pending, **name)


def test_schedule_key_deletion_bounds_its_window(ctx):
    key = make(ctx)["KeyId"]
    schedule = ctx.unchecked.schedule_key_deletion
    for days in (0, 6, 31, 366):
        ctx.refused("ValidationException", schedule, KeyId=key, PendingWindowInDays=days)
    stranger = ctx.principal().client
    ctx.refused("AccessDeniedException", stranger.schedule_key_deletion, KeyId=key)
    ctx.refused("AccessDeniedException", stranger.cancel_key_deletion, KeyId=key)
    ctx.refused("NotFoundException", ctx.kms.schedule_key_deletion, KeyId=NOWHERE)
    ctx.refused("NotFoundException", ctx.kms.cancel_key_deletion, KeyId=NOWHERE)
    assert ctx.kms.schedule_key_deletion(KeyId=key)["PendingWindowInDays"] == 30


# CreateAlias, UpdateAlias, DeleteAlias, ListAliases


def test_an_alias_is_made_moved_and_removed(ctx):
    one, two = make(ctx), make(ctx)
    ctx.kms.create_alias(AliasName="alias/moves", TargetKeyId=one["KeyId"])
    exists = {"AliasName": "alias/moves", "TargetKeyId": two["KeyId"]}
    message = f"{arn_of(ctx, 'alias/moves')} already exists"
    ctx.refused("AlreadyExistsException", ctx.kms.create_alias, message, **exists)
    sealed = ctx.kms.encrypt(KeyId="alias/moves", Plaintext=b"p")
    assert sealed["KeyId"] == one["Arn"]
    ctx.kms.update_alias(AliasName="alias/moves", TargetKeyId=two["Arn"])
    assert ctx.kms.encrypt(KeyId="alias/moves", Plaintext=b"p")["KeyId"] == two["Arn"]
    assert ctx.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["KeyId"] == one["Arn"]
    ctx.kms.delete_alias(AliasName="alias/moves")
    ctx.refused("NotFoundException", ctx.kms.describe_key, KeyId="alias/moves")
    ctx.refused("NotFoundException", ctx.kms.delete_alias, AliasName="alias/moves")
    ctx.refused("NotFoundException", ctx.kms.update_alias, **exists)


def test_an_alias_name_is_checked(ctx):
    key = make(ctx)["KeyId"]
    create = ctx.unchecked.create_alias
    ctx.refused(
        *("ValidationException", create, 'Alias must start with the prefix "alias/".'),
        AliasName="no-prefix",
        TargetKeyId=key,
    )
    for name in ("alias/sp ace", "alias/\u00e9", "alias/" + "a" * 251, ""):
        message = "at 'aliasName'"
        ctx.refused("ValidationException", create, message, AliasName=name, TargetKeyId=key)
    for name in ("alias/aws/mine", "alias/"):
        ctx.refused("InvalidAliasNameException", create, AliasName=name, TargetKeyId=key)
    ctx.refused("NotFoundException", create, AliasName="alias/b", TargetKeyId=NOWHERE)
    ctx.refused("NotFoundException", create, AliasName="alias/b", TargetKeyId="alias/c")


def test_an_alias_moves_only_to_its_like(ctx):
    ctx.kms.create_alias(AliasName="alias/like", TargetKeyId=make(ctx)["KeyId"])
    other = make(ctx, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    unlike = {"AliasName": "alias/like", "TargetKeyId": other}
    ctx.refused("ValidationException", ctx.kms.update_alias, **unlike)


def test_an_alias_needs_permission_on_itself_and_its_key(ctx):
    key, alias = make(ctx), arn_of(ctx, "alias/allowed*")
    change = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
    of_alias = ctx.client_for(statement("Allow", change, alias))
    of_key = ctx.client_for(statement("Allow", change, key["Arn"]))
    of_both = ctx.client_for(statement("Allow", change, [alias, key["Arn"]]))
    allowed = {"AliasName": "alias/allowed", "TargetKeyId": key["KeyId"]}
    for client in (of_alias, of_key):
        ctx.refused("AccessDeniedException", client.create_alias, **allowed)
    of_both.create_alias(**allowed)
    other = {**allowed, "AliasName": "alias/other"}
    ctx.refused("AccessDeniedException", of_both.create_alias, **other)
    for client in (of_alias, of_key):
        ctx.refused("AccessDeniedException", client.update_alias, **allowed)
        ctx.refused("AccessDeniedException", client.delete_alias, AliasName="alias/allowed")
    of_both.update_alias(**allowed)
    of_both.delete_alias(AliasName="alias/allowed")


def test_list_aliases_in_pages_and_by_key(ctx):
    key = make(ctx)["KeyId"]
    names = [f"alias/list/{letter}" for letter in "abcde"]
    for name in names:
        ctx.kms.create_alias(AliasName=name, TargetKeyId=key)
    found = ctx.kms.list_aliases(KeyId=key)
    assert sorted(alias["AliasName"] for alias in found["Aliases"]) == names
    assert found["Truncated"] is False
    for alias in found["Aliases"]:
        assert alias["TargetKeyId"] == key
        assert alias["AliasArn"] == arn_of(ctx, alias["AliasName"])
        near(alias["CreationDate"], now())
        near(alias["LastUpdatedDate"], now())
    pages = list(ctx.kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["Aliases"]) <= 2 for page in pages)
    everything = [alias["AliasName"] for page in pages for alias in page["Aliases"]]
    assert len(everything) == len(set(everything)) and set(names) <= set(everything)
    ctx.refused("NotFoundException", ctx.kms.list_aliases, KeyId=NOWHERE)
    ctx.refused("AccessDeniedException", ctx.principal().client.list_aliases)
    for limit in (0, 1001):
        ctx.refused("ValidationException", ctx.unchecked.list_aliases, Limit=limit)


def test_a_key_has_at_most_fifty_aliases(ctx):
    key = make(ctx)["KeyId"]
    for number in range(50):
        ctx.kms.create_alias(AliasName=f"alias/many/{number}", TargetKeyId=key)
    one_more = {"AliasName": "alias/many/50", "TargetKeyId": key}
    ctx.refused("LimitExceededException", ctx.kms.create_alias, **one_more)


# TagResource, UntagResource, ListResourceTags


def tags_of(ctx, key):
    pages = ctx.kms.get_paginator("list_resource_tags").paginate(KeyId=key)
    return {tag["TagKey"]: tag["TagValue"] for page in pages for tag in page["Tags"]}


def tags(**pairs):
    return [{"TagKey": name, "TagValue": value} for name, value in pairs.items()]


def test_tags_are_set_replaced_and_removed(ctx):
    key = make(ctx, Tags=tags(team="red", stage="test"))["KeyId"]
    assert tags_of(ctx, key) == {"team": "red", "stage": "test"}
    ctx.kms.tag_resource(KeyId=key, Tags=tags(team="blue", cost="42"))
    assert tags_of(ctx, key) == {"team": "blue", "stage": "test", "cost": "42"}
    ctx.kms.untag_resource(KeyId=key, TagKeys=["stage", "cost", "never-there"])
    assert tags_of(ctx, key) == {"team": "blue"}
    page = ctx.kms.list_resource_tags(KeyId=key, Limit=1)
    assert page["Tags"] == tags(team="blue") and page["Truncated"] is False


def test_tags_are_listed_in_pages(ctx):
    wanted = {f"tag-{number}": str(number) for number in range(7)}
    key = make(ctx, Tags=tags(**wanted))["KeyId"]
    first = ctx.kms.list_resource_tags(KeyId=key, Limit=3)
    assert len(first["Tags"]) == 3 and first["Truncated"] is True
    rest = ctx.kms.list_resource_tags(KeyId=key, Marker=first["NextMarker"])
    both = first["Tags"] + rest["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in both} == wanted and len(both) == 7


def test_tag_refusals(ctx):
    key = make(ctx)["KeyId"]
    tag, create = ctx.unchecked.tag_resource, ctx.unchecked.create_key
    twice = tags(a="1") + tags(a="2")
    ctx.refused("TagException", tag, "Duplicate tag keys", KeyId=key, Tags=twice)
    ctx.refused("TagException", create, "Duplicate tag keys", Tags=twice)
    reserved = [{"TagKey": "aws:mine", "TagValue": "v"}]
    ctx.refused("TagException", tag, "Tags beginning with aws: are", KeyId=key, Tags=reserved)
    many = tags(**{f"tag-{number}": "v" for number in range(51)})
    ctx.refused("TagException", tag, "Too many tags", KeyId=key, Tags=many)
    ctx.refused("TagException", create, "Too many tags", Tags=many)
    long = tags(a="ok", **{"k" * 129: "v"})
    path = "at 'tags.2.member.tagKey'"
    ctx.refused("ValidationException", tag, path, KeyId=key, Tags=long)
    path = "at 'tags.1.member.tagValue'"
    ctx.refused("ValidationException", tag, path, KeyId=key, Tags=tags(a="v" * 257))
    assert tags_of(ctx, key) == {}
    ctx.refused("NotFoundException", tag, KeyId=NOWHERE, Tags=tags(a="b"))
    ctx.refused("NotFoundException", ctx.kms.list_resource_tags, KeyId="alias/a")
    stranger = ctx.principal().client
    ctx.refused("AccessDeniedException", stranger.tag_resource, KeyId=key, Tags=tags(a="b"))
    ctx.refused("AccessDeniedException", stranger.untag_resource, KeyId=key, TagKeys=["a"])
    ctx.refused("AccessDeniedException", stranger.list_resource_tags, KeyId=key)


def test_a_tag_decides_who_may_use_a_key(ctx):
    condition = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    client = ctx.client_for(statement("Allow", "kms:Encrypt", Condition=condition))
    key = make(ctx, Tags=tags(team="red"))["KeyId"]
    ctx.refused("AccessDeniedException", client.encrypt, KeyId=key, Plaintext=b"p")
    ctx.kms.tag_resource(KeyId=key, Tags=tags(team="blue"))
    client.encrypt(KeyId=key, Plaintext=b"p")


# GetKeyPolicy, PutKeyPolicy, ListKeyPolicies


def delegation(ctx, *more):
    """A key policy that leaves the decision to the account's own policies, and says more."""
    root = {"AWS": f"arn:aws:iam::{ctx.account}:root"}
    first = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [first, *more]})


def test_the_default_policy_delegates_to_the_account(ctx):
    key = make(ctx)["KeyId"]
    reply = ctx.kms.get_key_policy(KeyId=key)
    assert reply["PolicyName"] == "default"
    policy = json.loads(reply["Policy"])
    assert policy["Id"] == "key-default-1"
    (only,) = policy["Statement"]
    assert only["Sid"] == "Enable IAM User Permissions"
    assert only["Principal"] == {"AWS": f"arn:aws:iam::{ctx.account}:root"}
    assert (only["Effect"], only["Action"], only["Resource"]) == ("Allow", "kms:*", "*")
    assert ctx.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == reply["Policy"]
    names = ctx.kms.list_key_policies(KeyId=key)
    assert names["PolicyNames"] == ["default"] and names["Truncated"] is False


def test_a_key_policy_allows_and_denies(ctx):
    user = ctx.principal()
    key = make(ctx)["KeyId"]
    encrypt = {"KeyId": key, "Plaintext": b"p"}
    ctx.refused("AccessDeniedException", user.client.encrypt, **encrypt)
    allow = {"Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": "kms:Encrypt"}
    policy = delegation(ctx, {**allow, "Resource": "*"})
    ctx.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    assert json.loads(ctx.kms.get_key_policy(KeyId=key)["Policy"]) == json.loads(policy)
    blob = user.client.encrypt(**encrypt)["CiphertextBlob"]
    ctx.refused("AccessDeniedException", user.client.decrypt, CiphertextBlob=blob)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    ctx.kms.put_key_policy(KeyId=key, Policy=delegation(ctx, deny))
    ctx.refused("AccessDeniedException", user.client.encrypt, **encrypt)
    ctx.refused("AccessDeniedException", ctx.kms.encrypt, **encrypt)


def test_a_policy_that_locks_its_writer_out_is_refused(ctx):
    key = make(ctx)["KeyId"]
    user = f"arn:aws:iam::{ctx.account}:user/nobody-here"
    one = {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [one]})
    code = "MalformedPolicyDocumentException"
    ctx.refused(code, ctx.kms.put_key_policy, KeyId=key, Policy=policy)
    ctx.refused(code, ctx.kms.create_key, Policy=policy)
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    assert make(ctx, Policy=policy, **bypass)["KeyState"] == "Enabled"
    ctx.kms.put_key_policy(KeyId=key, Policy=policy, **bypass)
    ctx.refused("AccessDeniedException", ctx.kms.describe_key, KeyId=key)


def test_key_policy_refusals(ctx):
    key = make(ctx)["KeyId"]
    put = ctx.kms.put_key_policy
    for text in ("not JSON", "{}", "[]", '{"Version":"2012-10-17","Statement":[{}]}'):
        ctx.refused("MalformedPolicyDocumentException", put, KeyId=key, Policy=text)
    ctx.refused("LimitExceededException", put, KeyId=key, Policy=delegation(ctx) + " " * 32_768)
    ctx.refused("ValidationException", put, "at 'policy'", KeyId=key, Policy="\u4e2d")
    named = {"KeyId": key, "PolicyName": "other"}
    ctx.refused("NotFoundException", put, "No such policy", Policy=delegation(ctx), **named)
    ctx.refused("NotFoundException", ctx.kms.get_key_policy, "No such policy exists", **named)
    ctx.refused("NotFoundException", ctx.kms.get_key_policy, KeyId=NOWHERE)
    ctx.refused("NotFoundException", ctx.kms.list_key_policies, KeyId=NOWHERE)
    stranger = ctx.principal().client
    policy = {"KeyId": key, "Policy": delegation(ctx)}
    ctx.refused("AccessDeniedException", stranger.put_key_policy, **policy)
    ctx.refused("AccessDeniedException", stranger.get_key_policy, KeyId=key)
    ctx.refused("AccessDeniedException", stranger.list_key_policies, KeyId=key)
