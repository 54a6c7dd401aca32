//! What the desk types, and what it must and must not find.

use crate::office::Office;

const SAID: [(&str, &str, &[&str]); 50] = [
    ("quartos", "Bom dia! O apartamento de 3 quartos no Setor Bueno ainda está disponível?", &[]),
    ("imoveis", "Temos dois imóveis disponíveis perto da praia: uma casa com piscina e um sobrado.", &[]),
    ("aluguel", "O aluguel fica em R$ 2.500,00 mais condomínio e IPTU.", &[]),
    ("alugueis", "Os aluguéis vencem todo dia 10; depois disso há multa de 2%.", &[]),
    ("visita", "Posso agendar a visita para quarta-feira às 15h30?", &[]),
    ("remarcada", "A visita foi remarcada para sábado de manhã, tudo bem?", &[]),
    ("locacao", "Segue o contrato de locação assinado pelo fiador.", &[]),
    ("temporada", "As locações por temporada exigem caução de um mês.", &[]),
    ("proprietario", "O proprietário aceita a contraproposta de 450.000 à vista.", &[]),
    ("lotes", "A proprietária quer vender os dois lotes juntos.", &[]),
    ("segunda via", "Preciso da 2ª via do boleto, por favor.", &[]),
    ("pago", "Já paguei o boleto.", &["comprovante_pagamento_março.pdf"]),
    ("garagem", "A vaga de garagem fica no subsolo.", &[]),
    ("garagens", "São duas garagens no total.", &[]),
    ("vazamento", "O inquilino reclamou do vazamento na cozinha.", &[]),
    ("encanador", "O encanador já consertou a infiltração da suíte.", &[]),
    ("cachorro", "Aceita animais? Tenho um cachorro pequeno.", &[]),
    ("animal", "O condomínio permite animal de estimação.", &[]),
    ("chaves", "As chaves estão na portaria com o porteiro.", &[]),
    ("porta", "A porta da sala está emperrada e o portão não fecha.", &[]),
    ("semana", "Semana que vem levo os documentos para conferir.", &[]),
    ("ana", "A Ana vai acompanhar a vistoria.", &[]),
    ("laudo", "O laudo das vistorias está no sistema.", &[]),
    ("aprovado", "O financiamento pela Caixa foi aprovado!", &[]),
    ("fgts", "Dá para financiar com FGTS?", &[]),
    ("avaliacao", "A avaliação do imóvel ficou em R$ 1.250.000.", &[]),
    ("marcos", "Quem faz as avaliações é o Marcos.", &[]),
    ("escritura", "Precisamos marcar a assinatura da escritura no cartório.", &[]),
    ("certidao", "A certidão de matrícula atualizada sai em dois dias.", &[]),
    ("certidoes", "Faltam as certidões negativas dos vendedores.", &[]),
    ("apto", "Apto mobiliado, 80m², 2 qtos, sacada com churrasqueira.", &[]),
    ("rescisao", "A rescisão exige aviso prévio de trinta dias.", &[]),
    ("mudanca", "Mudança só em horário comercial, avise o síndico.", &[]),
    ("ven", "Proposta VEN-627 aceita, parabéns!", &[]),
    ("marta", "Meu e-mail é marta.pedro@exemplo.com e o telefone (62) 99877-4039.", &[]),
    ("taxa", "A taxa de administração é de 10%.", &[]),
    ("taxi", "Peguei um táxi e já estou chegando.", &[]),
    ("caso", "Em todo caso, mando a planta hoje à noite.", &[]),
    ("rua 15", "A casa da rua 15 está com o jurídico.", &[]),
    ("varanda", "Gostei da varanda e da vista para o parque.", &[]),
    ("reajuste", "O reajuste anual segue o IGP-M.", &[]),
    ("desistiu", "Não temos mais interesse, obrigado.", &[]),
    ("planta", "", &["planta_baixa_cobertura.pdf", "Fachada.JPG"]),
    ("corretora", "Horizonte: corretora responsável Júlia.", &[]),
    ("corretor", "O corretor Paulo confirma o horário.", &[]),
    ("recibos", "Recibos de IPTU dos últimos anos", &[]),
    ("procuracao", "A procuração foi lavrada ontem.", &[]),
    ("galpoes", "Estou procurando um galpão ou dois galpões industriais.", &[]),
    ("mesa", "A mesa da varanda fica com a mobília.", &[]),
    ("contrato dois", "O contrato da outra locação vence em 12/05/2026.", &[]),
];

/// Typed; must be found; must not be found. A space at the end means that the last word is finished.
const ASKED: [(&str, &[&str], &[&str]); 78] = [
    ("imovel ", &["imoveis", "avaliacao"], &["mudanca"]),
    ("imóveis disponíveis", &["imoveis"], &["quartos"]),
    ("disponivel ", &["quartos", "imoveis"], &[]),
    ("IMÓVEL DISPONÍVEL", &["imoveis"], &[]),
    ("aluguel ", &["aluguel", "alugueis"], &["lotes"]),
    ("alugueis ", &["aluguel", "alugueis"], &[]),
    ("ALUGUÉIS vencem", &["alugueis"], &["aluguel"]),
    ("locação ", &["locacao", "temporada", "contrato dois"], &["aluguel"]),
    ("locacoes ", &["locacao", "temporada", "contrato dois"], &[]),
    ("contrato de locação", &["locacao", "contrato dois"], &["temporada"]),
    ("\"contrato de locação\"", &["locacao"], &["contrato dois", "temporada"]),
    ("\"CONTRATO DE LOCACAO\"", &["locacao"], &["contrato dois"]),
    ("\"locação\"", &["locacao", "contrato dois"], &["temporada"]),
    ("\"locações\"", &["temporada"], &["locacao", "contrato dois"]),
    ("\"contrato locação\"", &[], &["locacao", "contrato dois"]),
    ("“setor bueno”", &["quartos"], &[]),
    ("\"setor bue", &["quartos"], &[]),
    ("ana ", &["ana"], &["semana"]),
    ("ana", &["ana"], &["semana"]),
    ("semana ", &["semana"], &["ana"]),
    ("garagem ", &["garagem", "garagens"], &[]),
    ("garagens ", &["garagem", "garagens"], &[]),
    ("vaga garagem ", &["garagem"], &["garagens"]),
    ("animal ", &["cachorro", "animal"], &[]),
    ("animais ", &["cachorro", "animal"], &[]),
    ("casa ", &["imoveis", "rua 15"], &["caso"]),
    ("casas ", &["imoveis", "rua 15"], &["caso"]),
    ("caso ", &["caso"], &["rua 15", "imoveis"]),
    ("porta ", &["porta"], &["chaves"]),
    ("portaria ", &["chaves"], &["porta"]),
    ("portões ", &["porta"], &["chaves"]),
    ("taxas ", &["taxa"], &["taxi"]),
    ("taxi ", &["taxi"], &["taxa"]),
    ("chave ", &["chaves"], &[]),
    ("avaliacao ", &["avaliacao", "marcos"], &[]),
    ("avaliações ", &["avaliacao", "marcos"], &[]),
    ("avaliar imóvel ", &["avaliacao"], &["marcos"]),
    ("Marcos ", &["marcos"], &["escritura", "remarcada"]),
    ("vistoria ", &["ana", "laudo"], &["visita"]),
    ("visitar ", &["visita", "remarcada"], &["ana", "varanda"]),
    ("agendamento ", &["visita"], &[]),
    ("quarta ", &["visita"], &["quartos", "apto"]),
    ("quarto ", &["quartos", "apto"], &["visita"]),
    ("15h30 ", &["visita"], &[]),
    ("sabado de manha ", &["remarcada"], &["visita"]),
    ("comprovante ", &["pago"], &[]),
    ("comprovantes de pagamento ", &["pago"], &[]),
    ("março ", &["pago"], &["marcos", "escritura"]),
    ("boletos ", &["segunda via", "pago"], &[]),
    ("2ª via ", &["segunda via"], &["pago"]),
    ("financiar ", &["aprovado", "fgts"], &[]),
    ("caixa ", &["aprovado"], &["fgts"]),
    ("certidão ", &["certidao", "certidoes"], &[]),
    ("certidoes negativas ", &["certidoes"], &["certidao"]),
    ("apartamento ", &["quartos", "apto"], &[]),
    ("aptos ", &["quartos", "apto"], &[]),
    ("apartam", &["quartos", "apto"], &["marta"]),
    ("80 m2 ", &["apto"], &[]),
    ("80m²", &["apto"], &[]),
    ("450000 ", &["proprietario"], &["avaliacao"]),
    ("450.000 ", &["proprietario"], &[]),
    ("1.250.000 ", &["avaliacao"], &["proprietario"]),
    ("VEN-627 ", &["ven"], &["proprietario"]),
    ("ven 627 ", &["ven"], &[]),
    ("marta.pedro@exemplo.com ", &["marta"], &[]),
    ("99877-4039 ", &["marta"], &[]),
    ("12/05/2026 ", &["contrato dois"], &["alugueis"]),
    ("proprietaria ", &["proprietario", "lotes"], &[]),
    ("corretor ", &["corretor", "corretora"], &[]),
    ("planta baixa ", &["planta"], &["caso"]),
    ("fachada.jpg ", &["planta"], &[]),
    ("\"baixa cobertura\"", &["planta"], &[]),
    ("\"cobertura pdf fachada\"", &[], &["planta"]),
    ("procuração ", &["procuracao"], &["galpoes"]),
    ("galpao ", &["galpoes"], &[]),
    ("mobilia ", &["apto", "mesa"], &[]),
    ("mes ", &["temporada"], &["mesa"]),
    ("iptu recibo ", &["recibos"], &["aluguel"]),
];

#[test]
fn r2_the_desk_finds_what_it_means() {
    let office = Office::new();
    let contact = office.contact("Cliente", "");
    let id = office.conversation(&office.ana, contact);
    let said = SAID.map(|(name, text, files)| (office.said(&office.ana, id, text, files, false, None), name));
    let search = office.search();
    let mut wrong = Vec::new();
    for (typed, must, must_not) in ASKED {
        let found = office.entries(&search, typed);
        let found: Vec<&str> = said.iter().filter(|(id, _)| found.contains(id)).map(|(_, name)| *name).collect();
        for name in must.iter().chain(must_not) {
            assert!(said.iter().any(|(_, known)| known == name), "{name} is no message");
        }
        let fits = must.iter().all(|name| found.contains(name)) && !must_not.iter().any(|name| found.contains(name));
        wrong.extend((!fits).then(|| format!("{typed:?} found {found:?}, not {must:?} without {must_not:?}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn r2_a_word_is_found_while_it_is_typed() {
    let office = Office::new();
    let contact = office.contact("Cliente", "");
    let id = office.conversation(&office.ana, contact);
    let said = office.say(&office.ana, id, "A documentação do apartamento");
    let other = office.say(&office.ana, id, "O departamento jurídico");
    let search = office.search();
    let word = "apartamento";
    for end in 2..=word.len() {
        let found = office.entries(&search, &word[..end]);
        assert!(found.contains(&said) && !found.contains(&other), "{}", &word[..end]);
    }
    // More beginnings than tantivy looks at by itself.
    let many: Vec<String> = (0..400_u32).map(|n| format!("zeta{}", letters(n))).collect();
    let many = office.say(&office.ana, id, &many.join(" "));
    let last = office.say(&office.ana, id, "zetazzzz");
    office.level(&search);
    assert_eq!(office.entries(&search, "zeta"), [last, many]);
}

fn letters(n: u32) -> String {
    [n / 26 % 26, n % 26].into_iter().filter_map(|n| char::from_u32(97 + n)).collect()
}
