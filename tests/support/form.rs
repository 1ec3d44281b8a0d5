//! A form as a browser reads it off a page.

/// What the form of `page` that goes to `action` sends when nothing more is typed.
pub fn form_on(page: &str, action: &str) -> Vec<(String, String)> {
    let start = page.find(&format!("action=\"{action}\"")).unwrap_or_else(|| panic!("no form to {action} in {page}"));
    let form = page[start..].split("</form>").next().unwrap_or_default();
    let mut fields: Vec<(String, String)> = Vec::new();
    for tag in without(&without(form, "template"), "noscript").split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap_or((tag, ""));
        let has = |word: &str| tag.split([' ', '=']).any(|have| have == word);
        let value = attribute(tag, "value").unwrap_or_default();
        match (tag.split(' ').next().unwrap_or_default(), attribute(tag, "name"), attribute(tag, "type").as_deref()) {
            ("input", Some(name), Some("radio" | "checkbox")) if has("checked") => fields.push((name, value)),
            ("input", _, Some("radio" | "checkbox" | "submit")) => {}
            ("input", Some(name), _) => fields.push((name, value)),
            ("textarea", Some(name), _) => fields.push((name, read(text))),
            ("select", Some(name), _) => fields.push((name, String::new())),
            ("option", ..) if has("selected") => {
                if let Some(select) = fields.last_mut() {
                    select.1 = value;
                }
            }
            _ => {}
        }
    }
    fields
}

/// Types `value` over what stands in the first field called `name`.
pub fn type_over(form: &mut [(String, String)], name: &str, value: &str) {
    let field = form.iter_mut().find(|(have, _)| have == name).unwrap_or_else(|| panic!("no field {name}"));
    field.1 = value.to_owned();
}

/// `html` without its elements called `name`: what scripts copy, and what stands there only where there are none.
fn without(html: &str, name: &str) -> String {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    html.split(&start)
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once(&end).map_or("", |(_, rest)| rest) })
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next().map(read)
}

fn read(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
