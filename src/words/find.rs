//! The words of searching.

super::words! {
    find: "Buscar", "Procurar", "Search";
    find_placeholder: "Mensagens, notas, arquivos, contatos, oportunidades", "Mensagens, notas, ficheiros, contactos, oportunidades", "Messages, notes, files, contacts, opportunities";
    find_hint: "Digite o que procura. Acentos, plural e maiúsculas não importam; \"entre aspas\" procura exatamente assim.", "Escreva o que procura. Acentos, plural e maiúsculas não importam; \"entre aspas\" procura exatamente assim.", "Type what you are looking for. Accents, plurals and capitals do not matter; \"in quotes\" means exactly so.";
    find_nothing: "Nada encontrado com essas palavras.", "Nada encontrado com essas palavras.", "Nothing found with these words.";
    find_nothing_narrow: "Nada encontrado assim. Tire um filtro ou uma palavra.", "Nada encontrado assim. Retire um filtro ou uma palavra.", "Nothing found this way. Take away a filter or a word.";
    find_building(percent: u8): "A busca está sendo preparada ({percent}%). Até lá, pode faltar alguma coisa.", "A pesquisa está a ser preparada ({percent}%). Até lá, pode faltar alguma coisa.", "Search is being prepared ({percent}%). Until then something may be missing.";
    find_kind: "O quê", "O quê", "What";
    find_messages: "Mensagens", "Mensagens", "Messages";
    find_notes: "Notas internas", "Notas internas", "Internal notes";
    find_by: "Escrito por", "Escrito por", "Written by";
    find_anybody: "qualquer pessoa", "qualquer pessoa", "anybody";
    find_order: "Ordem", "Ordem", "Order";
    find_newest: "mais recentes", "mais recentes", "newest first";
    find_best: "mais relevantes", "mais relevantes", "best first";
    find_from: "De", "De", "From";
    find_until: "Até", "Até", "Until";
    find_only_with(name: &str): "Só com {name}", "Só com {name}", "Only with {name}";
    find_not_only: "Tirar este filtro", "Retirar este filtro", "Take this filter away";
    find_in_history: "Buscar no histórico", "Procurar no histórico", "Search the history";
    find_note: "Nota interna", "Nota interna", "Internal note";
    find_within: "Buscar nesta conversa", "Procurar nesta conversação", "Search this conversation";
    find_within_end: "Fechar a busca", "Fechar a pesquisa", "Close the search";
    find_older: "Resultado anterior", "Resultado anterior", "Earlier hit";
    find_newer: "Próximo resultado", "Resultado seguinte", "Later hit";
    find_place(place: usize, of: &str): "{place} de {of}", "{place} de {of}", "{place} of {of}";
    find_hits(count: &str): "Resultados: {count}", "Resultados: {count}", "Hits: {count}";
    find_none_here: "Nenhum resultado", "Nenhum resultado", "No hits";
    reading_old: "Você está lendo mensagens antigas.", "Está a ler mensagens antigas.", "You are reading old messages.";
    to_newest: "Ir para as mais recentes", "Ir para as mais recentes", "Go to the newest";
    show_newer: "Mostrar seguintes", "Mostrar seguintes", "Show later ones";
}
