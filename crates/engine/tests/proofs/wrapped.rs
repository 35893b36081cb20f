//! Objects that leave wrapped, and come wrapped.

use engine::{KeyRef, op};
use model::{Error, Obstacle, error::Unauthentic, object::Purposes};

use crate::{
    house::{by_id, house},
    objects::{everything, make, material, obstacle, view},
    stage::objects::{EVERYTHING, active, brought, revoke, unwrap, wrap},
};

#[test]
fn what_is_sensitive_leaves_wrapped_and_what_does_not_leave_does_not() {
    let house = house();
    let by = make(&house, active(Purposes::WRAP));
    let wrapped = |object: &KeyRef| {
        let method = op::WrapMethod::Aes(model::raw::Wrapping::KeyWrap);
        let (object, by) = (object.clone(), by.clone());
        let dress: op::Dress = Box::new(|_, _, bare| Ok(bare));
        house.call(
            &house.admin(),
            op::WrapMaterial { object, wanted: op::Wanted::default(), by, method, dress },
        )
    };
    let sensitive = make(&house, op::Draft { sensitive: true, ..active(EVERYTHING) });
    assert_eq!(wrapped(&sensitive).unwrap().wrapped.len(), 40);
    let kept = make(&house, op::Draft { unextractable: true, ..active(EVERYTHING) });
    assert_eq!(obstacle(wrapped(&kept)), Obstacle::NotExtractable);
}

#[test]
fn what_comes_wrapped_is_unwrapped_and_whatever_is_wrong_with_it_is_one_error() {
    let house = house();
    let admin = &house.admin();
    let by = make(&house, active(Purposes::WRAP.and(Purposes::UNWRAP)));
    let secret = by_id(&house.call(admin, brought(b"secret", active(EVERYTHING))).unwrap().name);
    let wrapped = house.call(admin, wrap(&secret, &by)).unwrap().wrapped;
    let kept = by_id(&house.call(admin, unwrap(&by, &wrapped)).unwrap().name);
    assert_eq!(material(&house, &kept).unwrap(), b"secret");
    assert_eq!(view(&house, &kept).attributes.digest, view(&house, &secret).attributes.digest);
    let objects = || house.call(admin, everything()).unwrap().total;
    let before = objects();
    for at in 0..wrapped.len() {
        let mut edited = wrapped.clone();
        edited[at] ^= 1;
        let refused = house.call(admin, unwrap(&by, &edited)).unwrap_err();
        assert_eq!(refused, Error::NotAuthentic(Unauthentic::Ciphertext));
    }
    for cut in [&wrapped[..8], &[]] {
        let refused = house.call(admin, unwrap(&by, cut)).unwrap_err();
        assert_eq!(refused, Error::NotAuthentic(Unauthentic::Ciphertext));
    }
    // A key that wraps need not unwrap, and what is deactivated still processes.
    let other = make(&house, active(Purposes::WRAP));
    let refused = house.call(admin, unwrap(&other, &wrapped));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
    let refused = house.call(admin, unwrap(&secret, &wrapped));
    assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })), "{refused:?}");
    house.call(admin, revoke(&by, false)).unwrap();
    house.call(admin, unwrap(&by, &wrapped)).unwrap();
    assert_eq!(objects(), before + 2);
    house.call(admin, revoke(&by, true)).unwrap();
    assert_eq!(obstacle(house.call(admin, unwrap(&by, &wrapped))), Obstacle::Compromised);
}
