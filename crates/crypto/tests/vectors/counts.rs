//! How many published vectors ran, on lines that `cargo xtask vectors` reads.

/// Says how many vectors of `source` for `algorithm` ran, of which there were to be `least` or more,
/// and how many were left out and why.
pub(crate) fn ran(
    source: &str,
    algorithm: &str,
    count: usize,
    left_out: &[(usize, &str)],
    least: usize,
) {
    if count > 0 || left_out.is_empty() {
        println!("vectors: {source}: {algorithm}: {count}");
    }
    for (count, why) in left_out.iter().filter(|(count, _)| *count > 0) {
        println!("vectors left out: {source}: {algorithm}: {count}: {why}");
    }
    assert!(count >= least, "{source}, {algorithm}: {count} vectors ran, of {least}");
}
