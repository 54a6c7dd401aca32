//! An agency at work, shared by all tests that leave it as they found it or only add to it.

use crate::office::*;
use std::sync::OnceLock;

/// The agency: two outsiders on one opportunity of Beatriz's, with a file in the owner's conversation.
pub struct World {
    pub house: House,
    pub contact: u64,
    pub deal: u64,
    pub owner_talk: u64,
    pub owner_token: String,
    pub appraiser_talk: u64,
    /// The other broker's stay in the house today.
    pub stay: u64,
    /// The random name of a picture in the owner's conversation.
    pub picture: String,
}

/// The one that is shared; tests that switch things off open their own.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        // The caller is inside its own runtime; this one waits in a thread of its own.
        let opened = std::thread::spawn(|| tokio::runtime::Runtime::new().unwrap().block_on(World::open()));
        let world = opened.join().unwrap();
        world.house.outlive_nobody();
        world
    })
}

impl World {
    pub async fn open() -> Self {
        let house = House::open().await;
        let admin = Person::enter(&house.staff, ADMIN).await;
        let on = admin.post("/sistema/chat-externo", &[("ativo", "sim")]).await;
        assert_eq!(on.status, 204, "{}", on.text());
        let on = admin.post("/sistema/usuarios-online", &[("ativo", "sim"), ("motivos", "Visita")]).await;
        assert_eq!(on.status, 204, "{}", on.text());
        let role = admin.post("/sistema/papeis", &[("nome", "Estagiária"), ("ativo", "sim")]).await;
        assert_eq!(role.status, 204, "{}", role.text());
        let other = user_id(&admin, OTHER_BROKER.email).await.to_string();
        let stay = stay(&admin, &[("usuario", &other), ("ramal", "310")]).await;
        let broker = Person::enter(&house.staff, BROKER).await;
        let contact = make_contact(&broker, OWNER.name, OWNER.email).await;
        let deal = make_opportunity(&broker, "Apartamento T4", contact).await;
        let owner_talk = give_access(&broker, deal, OWNER, "Boa tarde, dona Marta.").await;
        let appraiser_talk = give_access(&broker, deal, APPRAISER, "Boa tarde, senhor Vasco.").await;
        let picture = broker.uploaded("sala.png", png(64, 48)).await;
        let form = [("texto", "a sala"), ("arquivo", &picture)];
        let said = broker.post(&format!("/conversas/{owner_talk}/mensagens"), &form).await;
        assert_eq!(said.status, 200, "{}", said.text());
        let owner = Person::enter(&house.public, OWNER).await;
        let owner_token = portal_tokens(&owner).await.remove(0);
        Self { house, contact, deal, owner_talk, owner_token, appraiser_talk, stay, picture }
    }

    pub async fn staff(&self, login: Login) -> Person {
        Person::enter(&self.house.staff, login).await
    }

    pub async fn outsider(&self, login: Login) -> Person {
        Person::enter(&self.house.public, login).await
    }
}

/// Records somebody's entry; gives the number of the stay.
async fn stay(by: &Person, form: &[(&str, &str)]) -> u64 {
    let made = by.post("/usuarios-online", form).await;
    assert_eq!(made.status, 204, "{}", made.text());
    let page = by.get("/usuarios-online").await.text();
    page.split("/usuarios-online/").find_map(|rest| rest.split_once("/ramal")?.0.parse().ok()).expect("a stay")
}

/// A picture that decoders accept.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 128]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A document that is one by its beginning and its end.
pub fn pdf(bytes: usize) -> Vec<u8> {
    let mut all = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n".to_vec();
    all.resize(bytes.max(64) - 6, b' ');
    all.extend(b"%%EOF\n");
    all
}
