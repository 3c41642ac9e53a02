//! README's first ten minutes, language by language: in an empty folder, its blocks in the order in which they stand. A block
//! with a file's name behind its language is written to that file; a block of `sh` is run.

use std::path::Path;
use std::process::Command;

use super::tally::Tally;
use crate::package::step;
use crate::repo;

/// The chapter, and the sections of it that are run. Rust's block is a doc test.
const CHAPTER: &str = "## Ten minutes, in your language";
const SECTIONS: [&str; 3] = ["### C", "### Python", "### Node"];

/// A fenced block: what stands behind the fence, and what is in it.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    info: String,
    text: String,
}

/// One pass or failure for each section.
pub fn run() -> Tally {
    let readme = std::fs::read_to_string(repo::root().join("README.md")).unwrap_or_default();
    let sections = SECTIONS.iter().map(|section| {
        let ran = in_empty_folder(section, &blocks(&readme, section));
        match &ran {
            Ok(()) => println!("README, {section}: runs"),
            Err(why) => println!("README, {section}: {}", why.trim_end()),
        }
        Tally::of(ran.is_ok())
    });
    sections.fold(Tally::default(), Tally::plus)
}

/// Outside the repository, as a newcomer is, so that nothing is found by accident.
fn in_empty_folder(section: &str, blocks: &[Block]) -> Result<(), String> {
    let language = section.trim_start_matches(['#', ' ']).to_lowercase();
    let folder = std::env::temp_dir().join(format!("cardmint-readme-{language}-{}", std::process::id()));
    repo::clear(&folder)?;
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let ran = all(&folder, blocks);
    ran.and(repo::clear(&folder))
}

fn all(folder: &Path, blocks: &[Block]) -> Result<(), String> {
    if !blocks.iter().any(|block| block.info == "sh") {
        return Err("it has no block of sh".to_owned());
    }
    for Block { info, text } in blocks {
        match info.split_once(' ') {
            Some((_, name)) => {
                std::fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
            }
            None if info == "sh" => {
                let mut sh = Command::new("sh");
                sh.args(["-eu", "-c", text]).current_dir(folder).env("CARDMINT", repo::root());
                // What this command runs with, a newcomer has not: the target folder may be elsewhere, scripts never run.
                sh.env("CARGO_TARGET_DIR", repo::target()).env("npm_config_ignore_scripts", "true");
                sh.env_remove("CARGO_MANIFEST_DIR").env_remove("PYTHONPATH");
                step(&mut sh)?;
            }
            None => return Err(format!("a block of `{info}` that says neither where it is written nor how it is run")),
        }
    }
    Ok(())
}

/// The blocks of a section.
fn blocks(readme: &str, section: &str) -> Vec<Block> {
    let chapter = readme.split_once(CHAPTER).map_or("", |(_, rest)| rest);
    let chapter = chapter.split("\n## ").next().unwrap_or_default();
    let mut found = Vec::new();
    let (mut inside, mut open): (bool, Option<Block>) = (false, None);
    for line in chapter.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take().filter(|_| inside)),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (None, None) if line.starts_with("### ") => inside = line == section,
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Block, CHAPTER, blocks};

    #[test]
    fn blocks_are_those_of_their_section() {
        let readme = format!(
            "```sh\nbefore\n```\n{CHAPTER}\n\n### A\n```c a.c\n### B\nint a;\n```\n### B\n\n```sh\nb\n```\n\n## Other\n### A\n```sh\nlater\n```\n"
        );
        let block = |info: &str, text: &str| Block { info: info.to_owned(), text: text.to_owned() };
        assert_eq!(blocks(&readme, "### A"), [block("c a.c", "### B\nint a;\n")]);
        assert_eq!(blocks(&readme, "### B"), [block("sh", "b\n")]);
        assert_eq!(blocks(&readme, "### C"), []);
    }
}
