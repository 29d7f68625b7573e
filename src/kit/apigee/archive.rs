//! The zip of a bundle: the same bytes for the same files, whenever it is made.

use super::super::{File, Refused};
use std::io::{Cursor, Write as _};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// All files, as they are called, stored and without their times.
pub(super) fn of(files: &[File]) -> Result<Vec<u8>, Refused> {
    write(files).map_err(|error| Refused(format!("the bundle makes no zip: {error}")))
}

fn write(files: &[File]) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        zip.start_file(&file.name, options)?;
        zip.write_all(&file.contents)?;
    }
    Ok(zip.finish()?.into_inner())
}
