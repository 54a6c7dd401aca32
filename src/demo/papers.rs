//! The papers of a deal, as one-page PDFs that say what they are and that they are invented.

use super::cast::AGENCY;
use std::fmt::Write;

/// A4 in points.
const PAGE: (u32, u32) = (595, 842);
const FOOTER: &str = "Documento de demonstração, sem valor jurídico. Pessoas, imóveis e valores são inventados.";

/// What stands on a paper, by the beginning of its name; the last one fits all.
const BODIES: &[(&[&str], &[&str])] = &[
    (
        &["Contrato", "Proposta", "Minuta", "Autorização", "Notificação"],
        &[
            "Pelo presente instrumento, as partes abaixo qualificadas ajustam o que segue.",
            "",
            "1. O imóvel é entregue no estado descrito na vistoria, que faz parte deste documento.",
            "2. O preço e a forma de pagamento são os combinados na conversa registrada no Balcão.",
            "3. As despesas de condomínio e IPTU seguem a divisão usual entre as partes.",
            "4. A rescisão antecipada obedece aos prazos da lei.",
            "5. Fica eleito o foro da comarca de Goiânia, Goiás.",
            "",
            "E, por estarem de acordo, assinam as partes e duas testemunhas.",
        ],
    ),
    (
        &["Boleto", "Nota", "Recibos", "Orçamento", "Demonstrativo", "Custos", "Tabela", "Simulação", "Comprovante"],
        &[
            "Serviço combinado com o cliente: R$ 480,00",
            "Material: R$ 215,00",
            "Taxa administrativa: R$ 60,00",
            "",
            "Total: R$ 755,00",
            "",
            "Vencimento: dia 10 do mês. Depois do vencimento, multa de 2% e juros de 1% ao mês.",
        ],
    ),
    (
        &["Matrícula", "Certid", "Declaração", "RG", "Imposto", "Documentos"],
        &[
            "CERTIFICO que, revendo os livros deste ofício, deles consta o seguinte:",
            "",
            "Imóvel: apartamento residencial com área privativa e vaga de garagem, situado em Goiânia.",
            "Proprietário: o indicado no registro anterior, sem ônus nem ações até esta data.",
            "R-1. Compra e venda, por escritura pública lavrada em notas desta comarca.",
            "AV-2. Baixa de alienação fiduciária, conforme termo de quitação arquivado.",
            "",
            "O referido é verdade e dou fé.",
        ],
    ),
    (
        &["Laudo", "Parecer", "Relatório", "Fotos"],
        &[
            "Objeto: vistoria do imóvel indicado na conversa, feita na presença do interessado.",
            "",
            "Sala: piso e pintura em bom estado; uma tomada sem espelho.",
            "Quartos: armários com portas reguladas; janela do segundo quarto com trinco novo.",
            "Cozinha: bancada sem trincas; sifão trocado.",
            "Banheiros: louças e metais em funcionamento; box sem vazamento.",
            "Área de serviço: mancha antiga no teto, seca, sem atividade na data da visita.",
            "",
            "Conclusão: o imóvel está em condições normais de uso.",
        ],
    ),
    (
        &[""],
        &[
            "Selecionamos estas opções conforme o que conversamos:",
            "",
            "1. Setor Bueno, 3 quartos, 104 m², duas vagas, perto do Parque Vaca Brava.",
            "2. Jardim Goiás, 2 quartos, 68 m², uma vaga, vista para o Parque Flamboyant.",
            "3. Alto da Glória, 3 quartos, 98 m², duas vagas, andar alto.",
            "",
            "As visitas podem ser marcadas por esta mesma conversa.",
        ],
    ),
];

/// The paper of this file name, as a PDF.
pub(super) fn pdf(name: &str) -> Vec<u8> {
    let page = page(title(name), body(name));
    let (width, height) = PAGE;
    let font = |name: &str| format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (pt-BR) >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 6 0 R \
             /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>"
        ),
        font("Helvetica"),
        font("Helvetica-Bold"),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len() + 1),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let (table, size) = (file.len(), objects.len() + 1);
    file.push_str(&format!("xref\n0 {size}\n0000000000 65535 f \n"));
    file.extend(places.iter().map(|place| format!("{place:010} 00000 n \n")));
    file.push_str(&format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    file.into_bytes()
}

/// The same as plain text.
pub(super) fn text(name: &str) -> String {
    format!("{AGENCY}\n{}\n\n{}\n\n{FOOTER}\n", title(name), body(name).join("\n"))
}

fn title(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(title, _)| title)
}

fn body(name: &str) -> &'static [&'static str] {
    let fits =
        |(beginnings, _): &&(&[&str], &'static [&'static str])| beginnings.iter().any(|one| name.starts_with(one));
    BODIES.iter().find(fits).map_or(&[], |(_, lines)| lines)
}

/// The drawing operators of the page: a coloured head, the title, the lines, the footer.
fn page(title: &str, lines: &[&str]) -> String {
    let (width, height) = PAGE;
    let mut page = format!("0.76 0.36 0.20 rg 0 {} {width} 70 re f\n", height - 70);
    let mut put = |grey: &str, font: &str, size: u32, y: u32, text: &str| {
        // Writing into a string cannot fail.
        let _ = writeln!(page, "{grey} g BT /{font} {size} Tf 56 {y} Td ({}) Tj ET", escaped(text));
    };
    put("1", "F2", 20, height - 44, AGENCY);
    put("0.1", "F2", 17, height - 120, title);
    let mut y = height - 160;
    for line in lines {
        put("0.2", "F1", 11, y, line);
        y -= 20;
    }
    put("0.45", "F1", 8, 40, FOOTER);
    page.truncate(page.trim_end().len());
    page
}

/// A PDF string in WinAnsi: what is not ASCII in octal. Of our texts every letter is in Latin-1.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match u8::try_from(u32::from(letter)).unwrap_or(b'?') {
            mark @ (b'(' | b')' | b'\\') => out.extend(['\\', char::from(mark)]),
            byte @ 0x20..=0x7e => out.push(char::from(byte)),
            byte => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_finds_every_object_where_the_table_says() {
        let file = String::from_utf8(pdf("Contrato de locação.pdf")).expect("ASCII only");
        assert!(file.is_ascii() && file.contains(r"(Contrato de loca\347\343o)"));
        let (before, start) = file.rsplit_once("startxref\n").expect("an end");
        let table: usize = start.lines().next().and_then(|line| line.parse().ok()).expect("a number");
        assert!(before[table..].starts_with("xref\n0 7\n"));
        let rows: Vec<&str> = before[table..].lines().skip(3).take(6).collect();
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(row.len(), 19, "with its line end a row has twenty bytes");
            let place: usize = row[..10].parse().expect("a place");
            assert!(file[place..].starts_with(&format!("{} 0 obj\n", index + 1)), "{row}");
        }
        let (head, stream) = file.split_once("stream\n").expect("a stream");
        let length: usize =
            head.rsplit("/Length ").next().and_then(|rest| rest.split(' ').next()?.parse().ok()).expect("a length");
        assert!(stream[length..].starts_with("endstream"));
    }

    #[test]
    fn words_are_chosen_by_the_name_and_none_is_lost_in_latin_1() {
        assert_ne!(body("Laudo de avaliação.pdf"), body("Recibos.pdf"));
        assert!(!body("Qualquer coisa.pdf").is_empty());
        for line in BODIES.iter().flat_map(|(_, lines)| *lines).chain([&FOOTER]) {
            assert!(line.chars().all(|letter| u32::from(letter) < 0x100), "{line}");
        }
        assert_eq!(escaped("(a\\b) é"), r"\(a\\b\) \351");
    }
}
