//! What is broken, and which test must notice.

/// The tests beside the code of a package, as `cargo test` takes it.
const UNIT: &[&str] = &["--lib"];
/// All of a package.
const ALL: &[&str] = &["--tests"];
/// The file `keys` among those of `crypto`, which are slow to build.
const KEYS: &[&str] = &["--test", "keys"];

/// One line broken on purpose.
pub(super) struct Sabotage {
    /// What no longer holds.
    pub(super) name: &'static str,
    /// The file, from the root.
    pub(super) file: &'static str,
    /// The line as it is: in the file exactly once.
    pub(super) line: &'static str,
    /// What stands there instead.
    pub(super) instead: &'static str,
    /// The package whose test must notice.
    pub(super) package: &'static str,
    /// The part of its tests to build.
    pub(super) part: &'static [&'static str],
    /// The test's name, without its module.
    pub(super) test: &'static str,
}

/// In the order of their packages, those that little depends on last, so that little is compiled
/// twice.
pub(super) const SABOTAGES: [Sabotage; 23] = [
    Sabotage {
        name: "gate: what policy denies is done",
        file: "crates/engine/src/gate.rs",
        line: "Decision::Denied(_) => Err(Error::Denied(action)),",
        instead: "Decision::Denied(_) => Ok(()),",
        package: "strongroom-engine",
        part: ALL,
        test: "every_call_is_one_entry_whether_it_is_allowed_refused_or_fails",
    },
    Sabotage {
        name: "audit: a refusal is not recorded",
        file: "crates/engine/src/call.rs",
        line: ".and_then(|entry| open.log().append(&entry).map_err(|_| STOPPED));",
        instead: ".map(drop);",
        package: "strongroom-engine",
        part: ALL,
        test: "every_call_is_one_entry_whether_it_is_allowed_refused_or_fails",
    },
    Sabotage {
        name: "rollback: a store that is older than its log is unsealed",
        file: "crates/engine/src/rollback.rs",
        line: "Some(LatestTime { wall, .. }) if wall >= told => Ok(()),",
        instead: "Some(LatestTime { wall, .. }) if wall >= told || true => Ok(()),",
        package: "strongroom-engine",
        part: ALL,
        test: "a_store_that_is_put_back_alone_is_refused_and_with_its_log_it_is_not",
    },
    Sabotage {
        name: "identity: any signature is taken",
        file: "crates/engine/src/identify.rs",
        line: "if !crypto::mac::equal(&signature, &claim.signature) {",
        instead: "if false && !crypto::mac::equal(&signature, &claim.signature) {",
        package: "strongroom-engine",
        part: ALL,
        test: "a_wrong_signature_identifies_no_one_and_is_recorded",
    },
    Sabotage {
        name: "identity: a signature of any service is taken",
        file: "crates/engine/src/identify.rs",
        line: "if claim.service != service_of(origin.door) {",
        instead: "if false && claim.service != service_of(origin.door) {",
        package: "strongroom-engine",
        part: ALL,
        test: "a_signature_for_one_door_is_worth_nothing_at_another",
    },
    Sabotage {
        name: "cache: a replaced key is not forgotten",
        file: "crates/engine/src/lib.rs",
        line: "place::Subject::Key(name) => self.keys.forget(&name),",
        instead: "place::Subject::Key(name) => drop(name),",
        package: "strongroom-engine",
        part: ALL,
        test: "a_disabled_key_is_refused_from_the_next_request_on",
    },
    Sabotage {
        name: "alias: a name is given twice",
        file: "crates/engine/src/op/alias.rs",
        line: "if standing.value.is_some() {",
        instead: "if false && standing.value.is_some() {",
        package: "strongroom-engine",
        part: ALL,
        test: "an_alias_names_a_key_until_it_is_moved_or_deleted",
    },
    Sabotage {
        name: "clock: a jump destroys keys",
        file: "crates/engine/src/schedule.rs",
        line: "if at.trust != Trust::Steady {",
        instead: "if false && at.trust != Trust::Steady {",
        package: "strongroom-engine",
        part: ALL,
        test: "a_key_is_destroyed_on_its_date_and_not_when_the_clock_jumps",
    },
    Sabotage {
        name: "identity: an expired certificate is taken",
        file: "crates/engine/src/identify/certificate.rs",
        line: "if at.has_come(certificate.not_after.plus_secs(1)) {",
        instead: "if false && at.has_come(certificate.not_after.plus_secs(1)) {",
        package: "strongroom-engine",
        part: ALL,
        test: "a_certificate_holds_from_its_first_second_to_its_last",
    },
    Sabotage {
        name: "cache: a removed certificate is not forgotten",
        file: "crates/engine/src/lib.rs",
        line: "place::Subject::Certificate(id) => self.certificates.forget(&id),",
        instead: "place::Subject::Certificate(id) => drop(id),",
        package: "strongroom-engine",
        part: ALL,
        test: "the_holder_of_a_registered_certificate_is_its_principal_until_it_is_removed",
    },
    Sabotage {
        name: "clock: a leap ahead is believed",
        file: "crates/engine/src/latest.rs",
        line: "if anchor.gained_ms(at) > LEAP_MS_MAX {",
        instead: "if false && anchor.gained_ms(at) > LEAP_MS_MAX {",
        package: "strongroom-engine",
        part: ALL,
        test: "a_clock_that_leaps_ahead_destroys_nothing_at_once",
    },
    Sabotage {
        name: "algorithms: the policy is not asked",
        file: "crates/engine/src/room/usable.rs",
        line: "if profile.allows(subject, way, self.at) {",
        instead: "if true || profile.allows(subject, way, self.at) {",
        package: "strongroom-engine",
        part: ALL,
        test: "the_engine_keeps_to_the_table_under_every_profile_at_every_date",
    },
    Sabotage {
        name: "journal: a frame's check value is not compared",
        file: "crates/audit/src/journal.rs",
        line: "&& *given == check(&hash, len, index).to_be_bytes();",
        instead: "&& given.len() == check(&hash, len, index).to_be_bytes().len();",
        package: "strongroom-audit",
        part: UNIT,
        test: "a_frame_with_any_byte_changed_is_not_one",
    },
    Sabotage {
        name: "tree: a leaf is hashed without its prefix",
        file: "crates/audit/src/merkle.rs",
        line: "hash.update(&[0]);",
        instead: "hash.update(&[]);",
        package: "strongroom-audit",
        part: UNIT,
        test: "hashes_are_those_of_the_standard",
    },
    Sabotage {
        name: "policy: an explicit deny of an identity policy is passed over",
        file: "crates/model/src/policy/decide.rs",
        line: "return Err(Place::IdentityPolicy { policy, statement: index });",
        instead: "continue;",
        package: "strongroom-iam",
        part: ALL,
        test: "a_deny_wins_wherever_it_stands",
    },
    Sabotage {
        name: "audit: an entry is told to be durable that is not synced",
        file: "crates/audit/src/log/sync.rs",
        line: "file.sync()?;",
        instead: "drop(file);",
        package: "strongroom-audit",
        part: UNIT,
        test: "a_power_cut_while_recovering_from_a_kill_takes_nothing_back",
    },
    Sabotage {
        name: "audit: what was read after a crash is published before it is durable",
        file: "crates/audit/src/log/recover.rs",
        line: "preserve(&folder, &replay.uncovered)?;",
        instead: "let _ = preserve;",
        package: "strongroom-audit",
        part: UNIT,
        test: "a_power_cut_while_recovering_from_a_kill_takes_nothing_back",
    },
    Sabotage {
        name: "store: a stale expectation is committed",
        file: "crates/store/src/sqlite/writer.rs",
        line: "if row::read_revision(&self.connection, place)? != expected {",
        instead: "if row::read_revision(&self.connection, place)? > expected + (1 << 60) {",
        package: "strongroom-store",
        part: UNIT,
        test: "the_sqlite_engine_conforms",
    },
    Sabotage {
        name: "ciphertext: the context is not authenticated",
        file: "crates/crypto/src/envelope.rs",
        line: "context.write(&mut aad);",
        instead: "let _ = context;",
        package: "strongroom-crypto",
        part: KEYS,
        test: "any_change_of_a_ciphertext_is_one_error",
    },
    Sabotage {
        name: "ciphertext: a wrong tag is taken",
        file: "crates/crypto/src/message.rs",
        line: "|key, iv| raw::gcm_open(key, iv, aad, sealed, out))",
        instead: "|key, iv| raw::gcm_open(key, iv, aad, sealed, out).map(|_| true))",
        package: "strongroom-crypto",
        part: KEYS,
        test: "any_change_of_a_ciphertext_is_one_error",
    },
    Sabotage {
        name: "mac: any code is the right one",
        file: "crates/crypto/src/mac.rs",
        line: "a.ct_eq(b).into()",
        instead: "bool::from(a.ct_eq(b)) || true",
        package: "strongroom-crypto",
        part: KEYS,
        test: "a_code_verifies_whole_and_with_its_own_hash",
    },
    Sabotage {
        name: "record: a place does not bind what is sealed for it",
        file: "crates/crypto/src/message.rs",
        line: "let mut aad = self.0.into_bytes();",
        instead: "let mut aad = self.0.into_bytes()[..SEALED_HEAD_LEN].to_vec();",
        package: "strongroom-crypto",
        part: KEYS,
        test: "a_record_is_bound_to_its_place_and_revision",
    },
    Sabotage {
        name: "memory: a slot is not wiped when it is given back",
        file: "crates/crypto/src/secmem.rs",
        line: "cleanse(unsafe { std::slice::from_raw_parts_mut(at.as_ptr(), len) });",
        instead: "let _ = at;",
        package: "strongroom-crypto",
        part: UNIT,
        test: "slots_do_not_overlap_and_come_zeroed",
    },
];
