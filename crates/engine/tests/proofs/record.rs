//! The audit log is whole: one entry for every request, however it ends, and no secret in any.

use std::{
    fs, io,
    path::Path,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use engine::{
    By, Caller, Demand, Full, Job, KeyRef, Lane, Mode, Offload, Operation, Permit, Room, Weight, op,
};
use model::{
    Action, Error, KeyId, ObjectName,
    algorithm::{EncryptionAlgorithm, KeySpec, KeyUsage},
    error::Unavailable,
};

use crate::{
    house::{House, NOW, account, at, by_id, context, create, decrypt, encrypt, house, region},
    stage::Stage,
    verbs::{self, Attempt},
};

fn entries(house: &House) -> u64 {
    house.engine.log_status().unwrap().next_index
}

/// Tries every verb, each on a stage of its own, and sees one new entry for each.
fn assert_one_entry_each(
    house: &House,
    caller: &Caller,
    mode: Mode,
    prepare: impl Fn(&Stage),
    expected: impl Fn(&Result<(), Error>) -> bool,
) {
    for verb in verbs::all() {
        let stage = &Stage::new(house, None);
        prepare(stage);
        let before = entries(house);
        let outcome = verb.attempt(&Attempt { house, caller, stage, mode });
        assert!(expected(&outcome), "{}: {outcome:?}", verb.name);
        assert_eq!(entries(house), before + 1, "{}", verb.name);
    }
}

#[test]
fn every_verb_is_one_entry_whether_it_is_done_tried_refused_or_fails() {
    let house = house();
    let (admin, nobody) = (house.admin(), house.user_with("nobody", &[]));
    assert_one_entry_each(&house, &admin, Mode::Run, |_| (), Result::is_ok);
    assert_one_entry_each(
        &house,
        &admin,
        Mode::DryRun,
        |_| (),
        |outcome| *outcome == Err(Error::DryRun),
    );
    assert_one_entry_each(
        &house,
        &nobody,
        Mode::Run,
        |_| (),
        |outcome| matches!(outcome, Err(Error::Denied(_))),
    );
    let disable = |stage: &Stage| {
        for key in stage.keys().filter(|key| **key != stage.dying) {
            house.call(&admin, op::DisableKey { key: key.clone() }).unwrap();
        }
    };
    assert_one_entry_each(&house, &admin, Mode::Run, disable, |outcome| {
        matches!(outcome, Ok(()) | Err(Error::WrongState { .. }))
    });
}

#[test]
fn a_request_that_names_nothing_is_one_entry() {
    let house = house();
    let (admin, stage) = (house.admin(), Stage::new(&house, None));
    house.engine.destroy_due(crate::house::at(NOW.plus_secs(8 * 86_400))).unwrap();
    let before = entries(&house);
    let gone = house.call(&admin, op::DescribeKey { key: stage.dying.clone() });
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let nonsense = house.call(&admin, decrypt(b"nonsense"));
    assert!(matches!(nonsense, Err(Error::NotAuthentic(_))), "{nonsense:?}");
    let user = op::DeletePrincipal { name: stage.free_user.clone() };
    assert!(matches!(house.call(&admin, user), Err(Error::NotFound(_))));
    assert_eq!(entries(&house), before + 3);
}

/// A change that another always comes before.
struct Contended;

impl Operation for Contended {
    type Reply = ();
    const ACTION: Action = Action::ListKeys;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>, Error> {
        Ok(vec![Demand::nothing(Action::ListKeys)])
    }

    fn run(&self, _: &Permit<'_, Self>, _: &mut Room<'_>) -> Result<(), Error> {
        Err(Error::Conflict)
    }
}

/// A pool that has no room.
struct Busy;

impl Offload for Busy {
    fn offload(&self, _lane: Lane, _: Job) -> Result<(), Full> {
        Err(Full)
    }
}

#[test]
fn what_an_overloaded_server_turns_away_is_one_entry() {
    let overload = Err(Error::Unavailable(Unavailable::Overload));
    let house = house();
    let admin = house.admin();
    let before = entries(&house);
    assert_eq!(house.perform(&admin, Contended, Mode::Run), overload);
    assert_eq!(entries(&house), before + 1);
    assert_eq!(house.perform_on(&Busy, &admin, Contended, Mode::Run), overload);
    assert_eq!(entries(&house), before + 2);
}

/// A pool whose jobs are done later.
#[derive(Default)]
struct Later(Mutex<Vec<(Lane, Job)>>);

impl Offload for Later {
    fn offload(&self, lane: Lane, job: Job) -> Result<(), Full> {
        self.0.lock().unwrap().push((lane, job));
        Ok(())
    }
}

/// How much is written in the journal: what comes behind is 0.
fn bytes_written(house: &House) -> usize {
    let journal = fs::read_dir(house.folder.path().join("audit/journal")).unwrap();
    let used = |file: io::Result<fs::DirEntry>| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        // By pieces: an entry that waits does so for a few milliseconds, and a segment is long.
        let (pieces, _) = bytes.as_chunks::<64>();
        pieces.iter().rposition(|piece| *piece != [0; 64]).map_or(0, |last| {
            let in_piece = pieces[last].iter().rposition(|&byte| byte != 0).unwrap_or_default();
            last * 64 + in_piece + 1
        })
    };
    journal.map(used).sum()
}

#[test]
fn a_use_is_answered_when_its_entry_is_written_and_with_it_those_of_all_who_wait() {
    let house = house();
    let (admin, stage) = (house.admin(), Stage::new(&house, None));
    house.call(&admin, encrypt(&stage.key, b"so that it is ready")).unwrap();
    // A sync writes them too: where one comes between, it is tried again.
    let together = (0..50).filter(|_| are_answered_together(&house, &admin, &stage.key));
    assert_eq!(together.take(3).count(), 3);
}

fn are_answered_together(house: &House, admin: &Caller, key: &KeyRef) -> bool {
    let context = &mut Context::from_waker(Waker::noop());
    let encrypt = || {
        let operation = encrypt(key, b"text");
        Box::pin(engine::perform(&house.engine, &Busy, admin, operation, at(NOW), Mode::Run))
    };
    let (mut one, mut other) = (encrypt(), encrypt());
    let before = (entries(house), bytes_written(house));
    // Each lets the other come up to it.
    assert!(one.as_mut().poll(context).is_pending());
    assert!(other.as_mut().poll(context).is_pending());
    assert_eq!(entries(house), before.0 + 2);
    let is_written_before = bytes_written(house) != before.1;
    assert!(matches!(one.as_mut().poll(context), Poll::Ready(Ok(_))));
    let written = bytes_written(house);
    assert!(written > before.1);
    assert!(matches!(other.as_mut().poll(context), Poll::Ready(Ok(_))));
    assert_eq!(bytes_written(house), written);
    !is_written_before
}

#[test]
fn what_waits_when_its_caller_has_gone_is_not_done() {
    let house = house();
    let (admin, pool) = (house.admin(), Later::default());
    let before = entries(&house);
    let context = &mut Context::from_waker(Waker::noop());
    let (at, slow) = (at(NOW), create(KeySpec::Rsa4096, KeyUsage::SignVerify));
    {
        let gone = engine::perform(&house.engine, &pool, &admin, slow, at, Mode::Run);
        assert!(pin!(gone).poll(context).is_pending());
    }
    let seal = engine::perform(&house.engine, &pool, &admin, op::Seal, at, Mode::DryRun);
    let mut seal = pin!(seal);
    assert!(seal.as_mut().poll(context).is_pending());
    let jobs = std::mem::take(&mut *pool.0.lock().unwrap());
    let lanes: Vec<&Lane> = jobs.iter().map(|(lane, _)| lane).collect();
    assert_eq!(lanes, [&Lane::Slow(admin.principal().clone()), &Lane::Server]);
    jobs.into_iter().for_each(|(_, job)| drop(job()));
    assert_eq!(entries(&house), before + 1);
    assert_eq!(seal.poll(context), Poll::Ready(Err(Error::DryRun)));
}

/// What must not be in the log.
struct Canary {
    says: &'static str,
    bytes: Vec<u8>,
}

/// Makes, uses and refuses secrets, and returns them all.
fn canaries(house: &House) -> Vec<Canary> {
    const TEXT: &[u8] = b"canary-plaintext-0d8f1b62";
    let admin = &house.admin();
    let nobody = &house.user_with("nobody", &[]);
    let stage = Stage::new(house, None);
    let canary = |says, bytes: &[u8]| Canary { says, bytes: bytes.to_vec() };
    let sealed = house.call(admin, encrypt(&stage.key, TEXT)).unwrap().ciphertext;
    house.call(admin, decrypt(&sealed)).unwrap();
    house.call(nobody, encrypt(&stage.key, TEXT)).unwrap_err();
    house.call(admin, encrypt(&stage.dying, TEXT)).unwrap_err();
    house.call(admin, encrypt(&stage.pair, TEXT)).unwrap_err();
    let (key, context) = (stage.key.clone(), context(&[("purpose", "test")]));
    let make = op::GenerateDataKey { key: key.clone(), context: context.clone(), len: 32 };
    let data_key = house.call(admin, make).unwrap().plaintext;
    let make = op::GenerateDataKeyPair { key, context, spec: KeySpec::P256 };
    let pair = house.call(admin, make).unwrap().private;
    let random = house.call(admin, op::GenerateRandom { len: 64 }).unwrap();
    let access = op::CreateAccessKey { principal: stage.user.clone() };
    let access = house.call(admin, access).unwrap();
    house.enter(&access);
    house.claim_with(&access.id, b"canary-wrong-secret", NOW).unwrap_err();
    vec![
        canary("a plaintext", TEXT),
        canary("a data key", data_key.expose()),
        canary("a data key pair's private key", &pair.expose()[pair.expose().len() - 24..]),
        canary("random bytes", random.expose()),
        canary("an access key's secret", access.secret.expose()),
        canary("the administrator's secret", house.access.secret.expose()),
        canary("a wrong secret", b"canary-wrong-secret"),
    ]
}

/// The bytes of every file in a folder, at whatever depth, but for what a journal's segment has
/// not used yet. A log that is running puts files in the place of others: then it is read again.
pub(crate) fn contents(folder: &Path) -> Vec<u8> {
    loop {
        match contents_now(folder) {
            Ok(all) => return all,
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}"),
        }
    }
}

fn contents_now(folder: &Path) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(contents_now(&path)?);
        } else {
            let bytes = fs::read(path)?;
            let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            // As many zeros as a secret could end in.
            all.extend_from_slice(&bytes[..bytes.len().min(used + 64)]);
        }
    }
    Ok(all)
}

#[test]
fn no_secret_is_in_the_log() {
    let house = house();
    let canaries = canaries(&house);
    let House { engine, folder, .. } = house;
    drop(engine);
    let log = contents(folder.path());
    let holds = |bytes: &[u8]| log.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(b"arn:aws:iam::111122223333:user/nobody"), "the log is not where it is read");
    for Canary { says, bytes } in canaries {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!holds(&bytes) && !holds(hex.as_bytes()), "{says} is in the log");
    }
}

#[test]
fn an_entry_names_what_was_made_and_what_was_refused() {
    let house = house();
    let log = house.folder.path().join("audit");
    let is_named = |name: &str| {
        let held = contents(&log);
        held.windows(name.len()).any(|window| window == name.as_bytes())
    };
    let made = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let By::Id(id) = made.by else { panic!("a new key is named by its id") };
    let name = |id| ObjectName { account: made.account, region: made.region.clone(), id };
    assert!(is_named(&name(id).arn()));
    assert!(is_named(&house.access.id));
    // No other entry can name a key that never was.
    let absent = name(KeyId::from_random([5; 16]));
    assert!(!is_named(&absent.arn()));
    let nobody = house.user_with("nobody", &[]);
    let refused = house.call(&nobody, op::DescribeKey { key: by_id(&absent) });
    assert!(matches!(refused, Err(Error::Denied(_))));
    assert!(is_named(&absent.arn()));
}

#[test]
fn an_entry_of_a_use_names_the_version_that_was_used() {
    let house = house();
    let admin = &house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let other = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let arn = |key: &KeyRef| {
        let By::Id(id) = key.by else { panic!("a new key is named by its id") };
        ObjectName { account: key.account, region: key.region.clone(), id }.arn()
    };
    let (arn, other_arn) = (arn(&key), arn(&other));
    let before = entries(&house);
    let made = house.call(admin, encrypt(&key, b"plain")).unwrap().ciphertext;
    house.call(admin, decrypt(&made)).unwrap();
    let mut forged = made.clone();
    *forged.last_mut().unwrap() ^= 1;
    house.call(admin, decrypt(&forged)).unwrap_err();
    let context = context(&[("purpose", "test")]);
    let re_encrypt = |destination: &KeyRef| op::ReEncrypt {
        source: None,
        place: (account(), region()),
        source_algorithm: EncryptionAlgorithm::Envelope,
        source_context: context.clone(),
        ciphertext: made.clone(),
        destination: destination.clone(),
        destination_algorithm: EncryptionAlgorithm::Envelope,
        destination_context: context.clone(),
    };
    house.call(admin, re_encrypt(&other)).unwrap();
    house.call(admin, re_encrypt(&key)).unwrap();
    house.call(admin, op::DescribeKey { key }).unwrap();
    let after = entries(&house);
    house.engine.seal();
    let log = audit::Folder::new(&house.folder.path().join("audit"));
    let entries = log.entries(before, usize::MAX, after).unwrap();
    let named: Vec<Vec<String>> = entries.into_iter().map(|(_, entry)| entry.resources).collect();
    let (used, other_used) = (format!("{arn}#1"), format!("{other_arn}#1"));
    assert_eq!(
        named,
        [
            vec![used.clone()],
            vec![used.clone()],
            vec![used.clone()],
            vec![used.clone(), other_used],
            vec![used.clone(), used],
            vec![arn],
        ]
    );
}
