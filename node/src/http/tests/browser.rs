//! A browser without script: follows forms as they stand on pages, and sends what they hold.

use std::collections::BTreeMap;

use super::*;

/// A browser that was let in: it has the cookie, and reads forms before it sends them.
pub(super) struct Browser<'a> {
    node: &'a Node,
    pub(super) agent: ureq::Agent,
    pub(super) cookie: String,
}

/// What a page answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) html: String,
}

impl<'a> Browser<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .new_agent();
        let link = node.server.as_ref().unwrap().link();
        let entered = agent.get(&link).call().unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { node, agent, cookie }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.node.url));
        answer(request.header("Cookie", &self.cookie).call())
    }

    /// The page, which must be there.
    pub(super) fn page(&self, path: &str) -> String {
        let got = self.get(path);
        assert_eq!(got.status, 200, "{path}: {}", text(&got.html));
        got.html
    }

    /// Sends the fields of the form on a page whose action begins so, with some of them filled in differently.
    pub(super) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page(path);
        let (action, mut values) = form(&page, path);
        for (name, value) in fields {
            values.insert((*name).to_owned(), (*value).to_owned());
        }
        self.post(&action, &values)
    }

    pub(super) fn post(&self, path: &str, values: &BTreeMap<String, String>) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.node.url));
        answer(request.header("Cookie", &self.cookie).send_form(values.iter()))
    }

    /// Presses the button that writes; answers where the browser is sent.
    pub(super) fn write(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let mut all = vec![("_do", "write")];
        all.extend(fields);
        let sent = self.send(path, &all);
        assert_eq!(sent.status, 303, "{path}: {}", text(&sent.html));
        sent.location
    }

    pub(super) fn committee(&self) -> String {
        let to = self.write("/committees/new", &[("name", "Garden"), ("purpose", "to *grow*")]);
        to.strip_prefix("/c/").unwrap().to_owned()
    }

    pub(super) fn topic(&self, committee: &str) -> String {
        let to = self.write(
            &format!("/c/{committee}/open/topic"),
            &[("title", "Weeds"), ("text", "one **two** three")],
        );
        to.strip_prefix("/d/").unwrap().to_owned()
    }
}

pub(super) fn answer(got: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut got = got.unwrap();
    let location = got
        .headers()
        .get("location")
        .and_then(|l| l.to_str().ok())
        .unwrap_or_default();
    Answer {
        status: got.status().as_u16(),
        location: location.to_owned(),
        html: got.body_mut().read_to_string().unwrap(),
    }
}

/// What people read of a page.
pub(super) fn text(html: &str) -> String {
    let main = html.split("<main").nth(1).unwrap_or(html);
    let mut out = String::new();
    let mut inside = false;
    for c in main.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Action and fields of the form that goes to a path, as a browser would send them.
pub(super) fn form(html: &str, path: &str) -> (String, BTreeMap<String, String>) {
    let plain = path.split('?').next().unwrap();
    let forms = html
        .split("<form")
        .skip(1)
        .map(|rest| rest.split("</form>").next().unwrap());
    let form = forms
        .into_iter()
        .find(|form| {
            attribute(form.split('>').next().unwrap(), "action").is_some_and(|action| action.starts_with(plain))
        })
        .unwrap_or_else(|| panic!("no form for {path} in {}", text(html)));
    let action = attribute(form.split('>').next().unwrap(), "action").unwrap();
    let mut values = BTreeMap::new();
    for part in form.split('<').skip(1) {
        let (tag, after) = part.split_once('>').unwrap_or((part, ""));
        let Some(name) = attribute(tag, "name") else { continue };
        let value = attribute(tag, "value").unwrap_or_default();
        if tag.starts_with("textarea") {
            values.insert(name, plain_text(after.strip_prefix('\n').unwrap_or(after)));
        } else if tag.starts_with("select") {
            let rest = form.split(&format!("name=\"{name}\"")).nth(1).unwrap();
            let options = rest.split("</select>").next().unwrap();
            let chosen = options.split("<option").find(|option| option.contains(" selected"));
            values.insert(
                name,
                chosen.and_then(|option| attribute(option, "value")).unwrap_or_default(),
            );
        } else if tag.starts_with("input") {
            let ticked = tag.contains(" checked");
            if !(tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"")) || ticked {
                values.insert(name, value);
            }
        }
    }
    (action, values)
}

pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain_text(rest.split('"').next()?))
}

pub(super) fn plain_text(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

pub(super) fn acts(node: &Node, doc: &str) -> Vec<Value> {
    node.ok(&format!("/documents/{doc}"))["acts"]
        .as_array()
        .unwrap()
        .clone()
}
