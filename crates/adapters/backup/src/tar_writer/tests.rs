use std::io::ErrorKind;

use super::*;

#[test]
fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut archive = TarWriter::new(full, 0);
    archive.begin("database/x.gz", true).unwrap();
    // More than the buffers hold, and not compressible.
    let noise = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0];
    let noise: Vec<u8> = (0..4_000_000).map(noise).collect();
    let written = archive.write_all(&noise).and_then(|()| archive.end().map(drop));
    assert_eq!(written.unwrap_err().kind(), ErrorKind::StorageFull);
}
