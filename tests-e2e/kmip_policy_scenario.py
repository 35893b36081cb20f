"""The policies that the manual of the KMIP door gives its clients suffice, and are needed.

The one that it writes out is read from there; what it adds for a client in words is here.
"""

import copy
import json
import pathlib
import re

import kmip_habits_scenario as habits
import kmip_mongo_scenario as mongo
from certificate_scenario import Certificate, register
from kmip_client import Kmip, Refused, named
from kmip_objects import create, locate, material, new_name, uid
from run import statement

MANUAL = pathlib.Path(__file__).resolve().parent.parent / "docs" / "kmip.md"
CHANGES = "strongroom:ChangeAttributes"


def example():
    """The actions of the manual's example."""
    text = re.search(r"<<'END'\n(.*?)\nEND", MANUAL.read_text(), re.DOTALL).group(1)
    (only,) = json.loads(text)["Statement"]
    return only["Action"]


def limited(ctx, actions):
    """The same context for a client that may do this and nothing else."""
    certificate = Certificate(ctx, name="limited")
    register(ctx, certificate, statement("Allow", actions))
    other = copy.copy(ctx)
    files = {"cert_file": str(certificate.file), "key_file": str(certificate.key)}
    other.kmip = {**ctx.kmip, **files}
    return other


def conversations():
    """What clients do, and the actions that the manual says they need."""
    base = example()
    yield habits.test_percona_registers_a_key_finds_it_and_polls_its_state, base
    yield habits.test_percona_pages_through_a_group, base
    yield habits.test_mysql_and_mongodb_make_a_key_use_it_and_end_it, base
    yield habits.test_veeam_makes_a_key_pair_and_fetches_both_halves, base
    yield habits.test_synology_keeps_a_passphrase_and_renames_it, [*base, CHANGES]
    replaces = [*base, CHANGES, "strongroom:ReKeyObject"]
    yield habits.test_vast_posts_its_messages_and_replaces_keys, replaces
    # The conversation looks for the key as well.
    notes = ["kms:CreateKey", "kms:DescribeKey", "strongroom:GetKeyMaterial", CHANGES]
    notes.append("strongroom:Locate")
    yield habits.test_vcenter_makes_a_key_and_notes_its_own_attributes_on_it, notes
    yield delegated, ["kms:CreateKey", "strongroom:ActivateObject", "kms:Encrypt", "kms:Decrypt"]
    local = ["RegisterObject", "ActivateObject", "GetKeyMaterial"]
    yield in_client, [f"strongroom:{name}" for name in local]


def delegated(ctx):
    """MongoDB with a master key that never leaves."""
    vault = mongo.Vault(ctx.kmip)
    mongo.round_trip(vault, mongo.data_key(vault, delegated=True))


def in_client(ctx):
    """MongoDB with a master key that it fetches."""
    vault = mongo.Vault(ctx.kmip)
    mongo.round_trip(vault, mongo.data_key(vault))


def test_the_manuals_policies_suffice(ctx):
    for conversation, actions in conversations():
        try:
            conversation(limited(ctx, actions))
        except Exception as error:
            raise AssertionError(f"{conversation.__name__}: {error!r}") from error


def test_each_action_of_the_manuals_policies_is_needed(ctx):
    for conversation, actions in conversations():
        for left_out in actions:
            rest = [action for action in actions if action != left_out]
            # Of the example, a client may need less.
            if actions == example() or left_out in example() and len(actions) > len(example()):
                continue
            try:
                conversation(limited(ctx, rest))
            except (Refused, mongo.MongoCryptError, AssertionError):
                continue
            raise AssertionError(f"{conversation.__name__} does not need {left_out}")


def test_a_gateway_that_only_finds_and_fetches_can_do_no_more(ctx):
    name = named(new_name("fetched"))
    key = create(Kmip(ctx.kmip), name)
    actions = ["strongroom:Locate", "kms:DescribeKey", "strongroom:GetKeyMaterial"]
    peer = Kmip(limited(ctx, actions).kmip, (1, 0))
    assert locate(peer, name) == [key]
    assert len(material(peer, key)) == 32
    for operation in ("Activate", "Destroy"):
        peer.refused("PermissionDenied", operation, uid(key))
