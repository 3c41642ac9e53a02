//! What runs of libFuzzer found worth keeping: one file a target, `corpus/TARGET.json`, a list of texts in which each character is a byte.

use std::path::{Path, PathBuf};

/// Most bytes of a target's inputs: a run on stable tries them all, and so does everybody who clones this.
const KEPT_BYTES_MAX: usize = 100_000;

fn file_of(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(format!("{target}.json"))
}

/// The inputs that are kept for a target.
pub fn kept(target: &str) -> Vec<Vec<u8>> {
    let Ok(json) = std::fs::read_to_string(file_of(target)) else { return Vec::new() };
    let texts: Vec<String> = serde_json::from_str(&json).unwrap_or_default();
    texts.iter().map(|text| text.chars().map(|byte| u8::try_from(u32::from(byte)).unwrap_or(b'?')).collect()).collect()
}

/// Keeps the inputs of a folder, the shortest first, as many as there is room for.
///
/// # Errors
/// Where the folder cannot be read, or the file not be written.
pub fn keep(target: &str, folder: &Path) -> std::io::Result<usize> {
    let mut inputs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        inputs.push(std::fs::read(entry?.path())?);
    }
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    let mut room = KEPT_BYTES_MAX;
    inputs.retain(|input| {
        let fits = input.len() <= room;
        room -= if fits { input.len() } else { 0 };
        fits
    });
    std::fs::write(file_of(target), packed(&inputs))?;
    Ok(inputs.len())
}

fn packed(inputs: &[Vec<u8>]) -> String {
    let text = |input: &Vec<u8>| input.iter().map(|byte| char::from(*byte)).collect::<String>();
    let lines = inputs.iter().map(|input| serde_json::to_string(&text(input)).unwrap_or_default());
    format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn every_byte_is_kept() {
        let inputs = vec![Vec::new(), (0..=255).collect::<Vec<u8>>(), b"\"\n\\".to_vec()];
        let texts: Vec<String> = serde_json::from_str(&packed(&inputs)).unwrap();
        let bytes =
            |text: &String| text.chars().map(|byte| u8::try_from(u32::from(byte)).unwrap()).collect::<Vec<u8>>();
        assert_eq!(texts.iter().map(bytes).collect::<Vec<_>>(), inputs);
    }
}
