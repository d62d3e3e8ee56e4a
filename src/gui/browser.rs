//! Opens links that were clicked in the system's browser. Headlight itself connects to nothing.

use std::process::{Command, Stdio};

/// Takes the links that were clicked in this frame.
pub fn clicked(ctx: &egui::Context) -> Vec<String> {
    let mut clicked = Vec::new();
    ctx.output_mut(|output| {
        output.commands.retain(|command| match command {
            egui::OutputCommand::OpenUrl(link) => {
                clicked.push(link.url.clone());
                false
            }
            _ => true,
        });
    });
    clicked
}

/// Hands a page to the desktop's browser, and says in words where that cannot be done.
///
/// # Errors
/// The page is no web page, or the desktop has no way to open one.
pub fn open(page: &str) -> Result<(), String> {
    let program = if cfg!(target_os = "macos") {
        vec!["open"]
    } else if cfg!(windows) {
        vec!["rundll32", "url.dll,FileProtocolHandler"]
    } else {
        vec!["xdg-open"]
    };
    let is_page = page.starts_with("https://") || page.starts_with("http://");
    let started = is_page.then(|| {
        Command::new(program[0])
            .args(&program[1..])
            .arg(page)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    });
    match started {
        Some(Ok(mut child)) => {
            // Waited for, so that nothing is left of it; the browser itself goes on.
            std::thread::spawn(move || child.wait());
            Ok(())
        }
        _ => Err(format!(
            "The browser could not be opened. The page is {page}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_pages_are_handed_on() {
        for page in ["file:///etc/passwd", "-x", "", "javascript:alert(1)"] {
            assert!(open(page).expect_err(page).ends_with(page));
        }
    }
}
