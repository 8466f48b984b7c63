//! A real browser: Chromium without a window, driven over WebDriver. It can reach this machine and nothing else.
//!
//! Every wait is for a condition, with [`PATIENCE`] before the test gives up and says what the page showed instead.

#![expect(
    clippy::panic,
    reason = "a harness: whatever goes wrong ends the test with what is known of it"
)]

use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::process::PATIENCE;

/// Where screenshots go, if they are wanted.
pub const SCREENSHOTS: &str = "ALTHING_SCREENSHOTS";

/// How a browser differs from a common one.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    /// Width of its window in CSS pixels.
    pub width: u32,
    /// Height likewise.
    pub height: u32,
    /// Whether scripts run.
    pub script: bool,
    /// Whether its owner prefers dark colours.
    pub dark: bool,
}

impl Looks {
    /// A window on a desk.
    pub const DESK: Self = Self {
        width: 1280,
        height: 1000,
        script: true,
        dark: false,
    };
    /// A telephone.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        ..Self::DESK
    };
    /// A desk at night.
    pub const DARK: Self = Self {
        dark: true,
        ..Self::DESK
    };
    /// Scripts are switched off.
    pub const PLAIN: Self = Self {
        script: false,
        ..Self::DESK
    };
}

/// A browser with one window. Dropping it ends its processes.
#[derive(Debug)]
pub struct Browser {
    // In this order: the client says goodbye on the runtime while the driver still lives.
    client: Client,
    runtime: Runtime,
    _driver: Driver,
    _profile: TempDir,
    looks: Looks,
}

#[derive(Debug)]
struct Driver(Child);

impl Drop for Driver {
    /// Ends the whole group: a browser whose driver is gone goes on by itself.
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).status());
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// When `chromium` or `chromedriver` is missing or does not start.
    #[must_use]
    pub fn start(looks: Looks) -> Self {
        let (driver, port) = start_driver();
        let profile = TempDir::new().expect("a temporary folder");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(looks, profile.path()));
        let client = runtime
            .block_on(builder.connect(&format!("http://127.0.0.1:{port}")))
            .unwrap_or_else(|why| panic!("chromium does not start: {why}"));
        let mut browser = Self {
            client,
            runtime,
            _driver: driver,
            _profile: profile,
            looks,
        };
        browser.resize(looks.width, looks.height);
        browser
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, CmdError>>) -> T {
        match self.try_wait(work) {
            Ok(done) => done,
            Err(why) => panic!("{why}\nat {}, which shows:\n{}", self.url(), self.text("body")),
        }
    }

    #[expect(clippy::result_large_err, reason = "it is WebDriver's own, and ends a test")]
    fn try_wait<T>(&self, work: impl Future<Output = Result<T, CmdError>>) -> Result<T, CmdError> {
        self.runtime.block_on(work)
    }

    /// Makes the page itself that wide and high, whatever the window's least size is.
    pub fn resize(&mut self, width: u32, height: u32) {
        let metrics = json!({
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": { "width": width, "height": height, "deviceScaleFactor": 1, "mobile": self.looks.width < 500 },
        });
        self.devtools(&metrics);
    }

    fn devtools(&self, command: &Value) {
        let mut request = Devtools(command.clone());
        let sent = self.try_wait(async { self.client.issue_cmd(std::mem::take(&mut request)).await });
        if let Err(why) = sent {
            panic!("{command} was refused: {why}");
        }
    }

    /// Goes to an address.
    pub fn open(&self, url: &str) {
        self.wait(self.client.goto(url));
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.wait(self.client.refresh());
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        self.try_wait(self.client.current_url())
            .map_or_else(|why| why.to_string(), |url| url.to_string())
    }

    /// Where it is, without scheme and host.
    #[must_use]
    pub fn path(&self) -> String {
        let url = self.url();
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
    }

    /// Whether such an element is there now.
    #[must_use]
    pub fn has(&self, css: &str) -> bool {
        self.count(css) > 0
    }

    /// How many such elements are there now.
    #[must_use]
    pub fn count(&self, css: &str) -> usize {
        self.wait(self.client.find_all(Locator::Css(css))).len()
    }

    /// The text that people see in the first such element; nothing when there is none.
    #[must_use]
    pub fn text(&self, css: &str) -> String {
        let read = async { self.client.find(Locator::Css(css)).await?.text().await };
        self.try_wait(read).unwrap_or_default()
    }

    /// Does something with an element once it is there. What a live update puts into its place meanwhile, or moves while
    /// the pointer is on its way, is found again.
    fn on<T>(&self, locator: Locator<'_>, act: impl AsyncFn(Element) -> Result<T, CmdError>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let done = self.try_wait(async {
                let element = self.client.wait().at_most(PATIENCE).for_element(locator).await?;
                act(element).await
            });
            match done {
                Err(why) if is_moved(&why) && Instant::now() < deadline => {}
                done => return self.wait(std::future::ready(done)),
            }
        }
    }

    /// An attribute of the element, once it is there.
    #[must_use]
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.on(Locator::Css(css), async |element| element.attr(name).await)
    }

    /// What stands in the field, once it is there.
    #[must_use]
    pub fn value(&self, css: &str) -> String {
        let value = self.on(Locator::Css(css), async |field| field.prop("value").await);
        value.unwrap_or_default()
    }

    /// Clicks on the element, once it is there.
    pub fn click(&self, css: &str) {
        self.on(Locator::Css(css), async |element| element.click().await);
    }

    /// Clicks on the link with this text, once it is there.
    pub fn follow(&self, text: &str) {
        self.on(Locator::LinkText(text), async |link| link.click().await);
    }

    /// Clicks on the button with this text, once it is there.
    pub fn press(&self, text: &str) {
        let path = format!("//button[normalize-space(.)={text:?} and not(@aria-hidden)]");
        self.on(Locator::XPath(&path), async |button| button.click().await);
    }

    /// Types into the field with this name, in place of what is there.
    pub fn fill(&self, name: &str, text: &str) {
        self.fill_in(&format!("main [name={name:?}]"), text);
    }

    /// Types into the first such field, in place of what is there.
    pub fn fill_in(&self, css: &str, text: &str) {
        self.on(Locator::Css(css), async |field| {
            field.clear().await?;
            field.send_keys(text).await
        });
    }

    /// Gives a file to a field for files.
    ///
    /// # Panics
    /// When there is no such field, or no such file.
    pub fn attach(&self, css: &str, file: &std::path::Path) {
        let path = file.to_str().expect("a path in UTF-8");
        self.on(Locator::Css(css), async |field| field.send_keys(path).await);
    }

    /// Chooses one of the options with this name.
    pub fn choose(&self, name: &str, value: &str) {
        self.click(&format!("main input[name={name:?}][value={value:?}]"));
    }

    /// Sends keys to whatever has the focus.
    pub fn keys(&self, keys: &str) {
        let active = self.wait(self.client.active_element());
        self.wait(active.send_keys(keys));
    }

    /// Presses one key without a letter. A key sent to a field for files would be taken for a path: it is pressed instead.
    pub fn key(&self, key: Key) {
        let value = char::from(key);
        let press = KeyActions::new("keyboard".to_owned());
        let press = press.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.wait(self.client.perform_actions(press));
    }

    /// Presses the tab key until the focus is on what people would call by this text.
    ///
    /// # Panics
    /// When it never gets there, or the focus cannot be seen on its way.
    pub fn tab_to(&self, text: &str) {
        let mut passed = Vec::new();
        for _ in 0..200 {
            self.key(Key::Tab);
            let at = self.run(FOCUS);
            let called = at.get("called").and_then(Value::as_str).unwrap_or_default().to_owned();
            assert!(
                at.get("seen") == Some(&json!(true)),
                "nobody can see that the focus is on {called:?}"
            );
            if called == text {
                return;
            }
            passed.push(called);
        }
        panic!(
            "the tab key never gets to {text:?} at {}, only to {passed:?}",
            self.url()
        );
    }

    /// What a script answers. It runs beside the page's own, also where those are switched off.
    #[must_use]
    pub fn run(&self, script: &str) -> Value {
        self.wait(self.client.execute(script, Vec::new()))
    }

    /// Waits until the page shows this text.
    ///
    /// # Panics
    /// When it does not come.
    pub fn sees(&self, text: &str) {
        self.until(text, |browser| browser.text("body").contains(text));
    }

    /// Waits until something holds.
    ///
    /// # Panics
    /// When it does not come to hold.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{what:?} does not come at {}, which shows:\n{}",
                self.url(),
                self.text("body")
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Keeps a picture of the whole page under this name, if pictures are wanted.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn picture(&mut self, name: &str) {
        let Some(folder) = env::var_os(SCREENSHOTS).map(PathBuf::from) else {
            return;
        };
        let whole = self.run("return Math.ceil(document.documentElement.scrollHeight)");
        let height = whole.as_u64().and_then(|h| u32::try_from(h).ok()).unwrap_or(0);
        self.resize(self.looks.width, height.clamp(self.looks.height, 12_000));
        let picture = self.wait(self.client.screenshot());
        self.resize(self.looks.width, self.looks.height);
        fs::create_dir_all(&folder).expect("the folder for pictures can be made");
        fs::write(folder.join(format!("{name}.png")), picture).expect("the picture can be written");
    }

    /// What axe-core finds wrong with the page for people who cannot see, hear or point: serious and critical findings.
    ///
    /// # Panics
    /// When axe-core is not there: `make setup` fetches it.
    #[must_use]
    pub fn barriers(&self) -> Vec<String> {
        let path = node_modules().join("axe-core/axe.min.js");
        let axe = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}; run `make setup`", path.display()));
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'] }).then(found => done(found.violations), why => done(String(why)));";
        let found = self.wait(async {
            self.client.execute(&axe, Vec::new()).await?;
            self.client.execute_async(run, Vec::new()).await
        });
        let violations = found.as_array().unwrap_or_else(|| panic!("axe-core failed: {found}"));
        let serious = |v: &&Value| matches!(v["impact"].as_str(), Some("serious" | "critical"));
        violations.iter().filter(serious).map(describe).collect()
    }
}

/// Whether an element was there and is not where it was.
fn is_moved(why: &CmdError) -> bool {
    let why = why.to_string();
    ["stale element", "click intercepted", "not interactable"]
        .iter()
        .any(|sort| why.contains(sort))
}

/// What has the focus, by its text or label, and whether that can be seen.
const FOCUS: &str = "
    const at = document.activeElement;
    const label = at.labels && at.labels[0];
    const called = (label || at).innerText || at.getAttribute('aria-label') || '';
    const style = getComputedStyle(at);
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return { called: called.trim(), seen: seen || at === document.body };";

/// A finding, for people.
fn describe(violation: &Value) -> String {
    let mut text = format!("{}: {}", violation["id"], violation["help"]);
    for node in violation["nodes"].as_array().into_iter().flatten().take(5) {
        text.push_str(&format!("\n    {} {}", node["target"], node["failureSummary"]));
    }
    text
}

/// Where npm's packages for tests are.
#[must_use]
pub fn node_modules() -> PathBuf {
    let cache = || {
        let home = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
        home.unwrap_or_default().join("althing")
    };
    let cache = env::var_os("ALTHING_CACHE").map_or_else(cache, PathBuf::from);
    cache.join("npm/node_modules")
}

fn start_driver() -> (Driver, u16) {
    let mut child = Command::new("chromedriver")
        .args(["--port=0", "--log-level=SEVERE"])
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|why| panic!("chromedriver does not start: {why}; run `make setup`"));
    let stdout = child.stdout.take().expect("it is piped");
    let driver = Driver(child);
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let rest = line.split_once("successfully on port ")?.1;
        rest.trim_end_matches('.').parse().ok()
    });
    let port = port.expect("chromedriver says on which port it listens");
    // Whoever writes into a pipe that nobody reads stops.
    thread::spawn(move || lines.for_each(drop));
    (driver, port)
}

fn capabilities(looks: Looks, profile: &Path) -> Map<String, Value> {
    let profile = format!("--user-data-dir={}", profile.display());
    let mut args = vec![
        "--headless=new",
        // Tests run as root in containers, where the sandbox cannot be had.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--hide-scrollbars",
        // A page that glides to an element is not where it is clicked yet.
        "--force-prefers-reduced-motion",
        "--lang=en",
        // Nothing but this machine has an address.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &profile,
    ];
    if looks.dark {
        args.push("--blink-settings=preferredColorScheme=0");
    }
    let prefs = match looks.script {
        true => json!({}),
        false => json!({ "profile.managed_default_content_settings.javascript": 2 }),
    };
    let options = json!({ "args": args, "prefs": prefs });
    // axe-core reads whole pages, and other tests may have the cores.
    let timeouts = json!({ "script": 120_000 });
    let all = json!({ "browserName": "chrome", "goog:chromeOptions": options, "timeouts": timeouts });
    all.as_object().cloned().unwrap_or_default()
}

/// Chromium's own command behind WebDriver's.
#[derive(Debug, Default)]
struct Devtools(Value);

impl fantoccini::wd::WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
