"use strict";(()=>{var ut=Object.defineProperty;var ft=(s,e)=>{for(var t in e)ut(s,t,{get:e[t],enumerable:!0})};var v=Object.create(null);v.open="0";v.close="1";v.ping="2";v.pong="3";v.message="4";v.upgrade="5";v.noop="6";var I=Object.create(null);Object.keys(v).forEach(s=>{I[v[s]]=s});var D={type:"error",data:"parser error"};var Oe=typeof Blob=="function"||typeof Blob<"u"&&Object.prototype.toString.call(Blob)==="[object BlobConstructor]",Ne=typeof ArrayBuffer=="function",Le=s=>typeof ArrayBuffer.isView=="function"?ArrayBuffer.isView(s):s&&s.buffer instanceof ArrayBuffer,U=({type:s,data:e},t,i)=>Oe&&e instanceof Blob?t?i(e):Re(e,i):Ne&&(e instanceof ArrayBuffer||Le(e))?t?i(e):Re(new Blob([e]),i):i(v[s]+(e||"")),Re=(s,e)=>{let t=new FileReader;return t.onload=function(){let i=t.result.split(",")[1];e("b"+(i||""))},t.readAsDataURL(s)};function Ce(s){return s instanceof Uint8Array?s:s instanceof ArrayBuffer?new Uint8Array(s):new Uint8Array(s.buffer,s.byteOffset,s.byteLength)}var de;function Pe(s,e){if(Oe&&s.data instanceof Blob)return s.data.arrayBuffer().then(Ce).then(e);if(Ne&&(s.data instanceof ArrayBuffer||Le(s.data)))return e(Ce(s.data));U(s,!1,t=>{de||(de=new TextEncoder),e(de.encode(t))})}var Be="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",F=typeof Uint8Array>"u"?[]:new Uint8Array(256);for(let s=0;s<Be.length;s++)F[Be.charCodeAt(s)]=s;var qe=s=>{let e=s.length*.75,t=s.length,i,n=0,r,c,h,d;s[s.length-1]==="="&&(e--,s[s.length-2]==="="&&e--);let y=new ArrayBuffer(e),f=new Uint8Array(y);for(i=0;i<t;i+=4)r=F[s.charCodeAt(i)],c=F[s.charCodeAt(i+1)],h=F[s.charCodeAt(i+2)],d=F[s.charCodeAt(i+3)],f[n++]=r<<2|c>>4,f[n++]=(c&15)<<4|h>>2,f[n++]=(h&3)<<6|d&63;return y};var mt=typeof ArrayBuffer=="function",z=(s,e)=>{if(typeof s!="string")return{type:"message",data:Me(s,e)};let t=s.charAt(0);return t==="b"?{type:"message",data:gt(s.substring(1),e)}:I[t]?s.length>1?{type:I[t],data:s.substring(1)}:{type:I[t]}:D},gt=(s,e)=>{if(mt){let t=qe(s);return Me(t,e)}else return{base64:!0,data:s}},Me=(s,e)=>{switch(e){case"blob":return s instanceof Blob?s:new Blob([s]);case"arraybuffer":default:return s instanceof ArrayBuffer?s:s.buffer}};var Ie="",De=(s,e)=>{let t=s.length,i=new Array(t),n=0;s.forEach((r,c)=>{U(r,!1,h=>{i[c]=h,++n===t&&e(i.join(Ie))})})},Ue=(s,e)=>{let t=s.split(Ie),i=[];for(let n=0;n<t.length;n++){let r=z(t[n],e);if(i.push(r),r.type==="error")break}return i};function Fe(){return new TransformStream({transform(s,e){Pe(s,t=>{let i=t.length,n;if(i<126)n=new Uint8Array(1),new DataView(n.buffer).setUint8(0,i);else if(i<65536){n=new Uint8Array(3);let r=new DataView(n.buffer);r.setUint8(0,126),r.setUint16(1,i)}else{n=new Uint8Array(9);let r=new DataView(n.buffer);r.setUint8(0,127),r.setBigUint64(1,BigInt(i))}s.data&&typeof s.data!="string"&&(n[0]|=128),e.enqueue(n),e.enqueue(t)})}})}var pe;function j(s){return s.reduce((e,t)=>e+t.length,0)}function J(s,e){if(s[0].length===e)return s.shift();let t=new Uint8Array(e),i=0;for(let n=0;n<e;n++)t[n]=s[0][i++],i===s[0].length&&(s.shift(),i=0);return s.length&&i<s[0].length&&(s[0]=s[0].slice(i)),t}function ze(s,e){pe||(pe=new TextDecoder);let t=[],i=0,n=-1,r=!1;return new TransformStream({transform(c,h){for(t.push(c);;){if(i===0){if(j(t)<1)break;let d=J(t,1);r=(d[0]&128)===128,n=d[0]&127,n<126?i=3:n===126?i=1:i=2}else if(i===1){if(j(t)<2)break;let d=J(t,2);n=new DataView(d.buffer,d.byteOffset,d.length).getUint16(0),i=3}else if(i===2){if(j(t)<8)break;let d=J(t,8),y=new DataView(d.buffer,d.byteOffset,d.length),f=y.getUint32(0);if(f>Math.pow(2,21)-1){h.enqueue(D);break}n=f*Math.pow(2,32)+y.getUint32(4),i=3}else{if(j(t)<n)break;let d=J(t,n);h.enqueue(z(r?d:pe.decode(d),e)),i=0}if(n===0||n>s){h.enqueue(D);break}}}})}var ue=4;function p(s){if(s)return yt(s)}function yt(s){for(var e in p.prototype)s[e]=p.prototype[e];return s}p.prototype.on=p.prototype.addEventListener=function(s,e){return this._callbacks=this._callbacks||{},(this._callbacks["$"+s]=this._callbacks["$"+s]||[]).push(e),this};p.prototype.once=function(s,e){function t(){this.off(s,t),e.apply(this,arguments)}return t.fn=e,this.on(s,t),this};p.prototype.off=p.prototype.removeListener=p.prototype.removeAllListeners=p.prototype.removeEventListener=function(s,e){if(this._callbacks=this._callbacks||{},arguments.length==0)return this._callbacks={},this;var t=this._callbacks["$"+s];if(!t)return this;if(arguments.length==1)return delete this._callbacks["$"+s],this;for(var i,n=0;n<t.length;n++)if(i=t[n],i===e||i.fn===e){t.splice(n,1);break}return t.length===0&&delete this._callbacks["$"+s],this};p.prototype.emit=function(s){this._callbacks=this._callbacks||{};for(var e=new Array(arguments.length-1),t=this._callbacks["$"+s],i=1;i<arguments.length;i++)e[i-1]=arguments[i];if(t){t=t.slice(0);for(var i=0,n=t.length;i<n;++i)t[i].apply(this,e)}return this};p.prototype.emitReserved=p.prototype.emit;p.prototype.listeners=function(s){return this._callbacks=this._callbacks||{},this._callbacks["$"+s]||[]};p.prototype.hasListeners=function(s){return!!this.listeners(s).length};var b=typeof Promise=="function"&&typeof Promise.resolve=="function"?e=>Promise.resolve().then(e):(e,t)=>t(e,0),m=typeof self<"u"?self:typeof window<"u"?window:Function("return this")(),He="arraybuffer";function G(s,...e){return e.reduce((t,i)=>(s.hasOwnProperty(i)&&(t[i]=s[i]),t),{})}var vt=m.setTimeout,bt=m.clearTimeout;function w(s,e){e.useNativeTimers?(s.setTimeoutFn=vt.bind(m),s.clearTimeoutFn=bt.bind(m)):(s.setTimeoutFn=m.setTimeout.bind(m),s.clearTimeoutFn=m.clearTimeout.bind(m))}var wt=1.33;function Ve(s){return typeof s=="string"?xt(s):Math.ceil((s.byteLength||s.size)*wt)}function xt(s){let e=0,t=0;for(let i=0,n=s.length;i<n;i++)e=s.charCodeAt(i),e<128?t+=1:e<2048?t+=2:e<55296||e>=57344?t+=3:(i++,t+=4);return t}function Q(){return Date.now().toString(36).substring(3)+Math.random().toString(36).substring(2,5)}function We(s){let e="";for(let t in s)s.hasOwnProperty(t)&&(e.length&&(e+="&"),e+=encodeURIComponent(t)+"="+encodeURIComponent(s[t]));return e}function $e(s){let e={},t=s.split("&");for(let i=0,n=t.length;i<n;i++){let r=t[i].split("=");e[decodeURIComponent(r[0])]=decodeURIComponent(r.slice(1).join("="))}return e}var X=class extends Error{constructor(e,t,i){super(e),this.description=t,this.context=i,this.type="TransportError"}},x=class extends p{constructor(e){super(),this.writable=!1,w(this,e),this.opts=e,this.query=e.query,this.socket=e.socket,this.supportsBinary=!e.forceBase64}onError(e,t,i){return super.emitReserved("error",new X(e,t,i)),this}open(){return this.readyState="opening",this.doOpen(),this}close(){return(this.readyState==="opening"||this.readyState==="open")&&(this.doClose(),this.onClose()),this}send(e){this.readyState==="open"&&this.write(e)}onOpen(){this.readyState="open",this.writable=!0,super.emitReserved("open")}onData(e){let t=z(e,this.socket.binaryType);this.onPacket(t)}onPacket(e){super.emitReserved("packet",e)}onClose(e){this.readyState="closed",super.emitReserved("close",e)}pause(e){}createUri(e,t={}){return e+"://"+this._hostname()+this._port()+this.opts.path+this._query(t)}_hostname(){let e=this.opts.hostname;return e.indexOf(":")===-1?e:"["+e+"]"}_port(){return this.opts.port&&(this.opts.secure&&Number(this.opts.port)!==443||!this.opts.secure&&Number(this.opts.port)!==80)?":"+this.opts.port:""}_query(e){let t=We(e);return t.length?"?"+t:""}};var H=class extends x{constructor(){super(...arguments),this._polling=!1}get name(){return"polling"}doOpen(){this._poll()}pause(e){this.readyState="pausing";let t=()=>{this.readyState="paused",e()};if(this._polling||!this.writable){let i=0;this._polling&&(i++,this.once("pollComplete",function(){--i||t()})),this.writable||(i++,this.once("drain",function(){--i||t()}))}else t()}_poll(){this._polling=!0,this.doPoll(),this.emitReserved("poll")}onData(e){let t=i=>{if(this.readyState==="opening"&&i.type==="open"&&this.onOpen(),i.type==="close")return this.onClose({description:"transport closed by the server"}),!1;this.onPacket(i)};Ue(e,this.socket.binaryType).forEach(t),this.readyState!=="closed"&&(this._polling=!1,this.emitReserved("pollComplete"),this.readyState==="open"&&this._poll())}doClose(){let e=()=>{this.write([{type:"close"}])};this.readyState==="open"?e():this.once("open",e)}write(e){this.writable=!1,De(e,t=>{this.doWrite(t,()=>{this.writable=!0,this.emitReserved("drain")})})}uri(){let e=this.opts.secure?"https":"http",t=this.query||{};return this.opts.timestampRequests!==!1&&(t[this.opts.timestampParam]=Q()),!this.supportsBinary&&!t.sid&&(t.b64=1),this.createUri(e,t)}};var Ke=!1;try{Ke=typeof XMLHttpRequest<"u"&&"withCredentials"in new XMLHttpRequest}catch{}var Ye=Ke;function _t(){}var fe=class extends H{constructor(e){if(super(e),typeof location<"u"){let t=location.protocol==="https:",i=location.port;i||(i=t?"443":"80"),this.xd=typeof location<"u"&&e.hostname!==location.hostname||i!==e.port}}doWrite(e,t){let i=this.request({method:"POST",data:e});i.on("success",t),i.on("error",(n,r)=>{this.onError("xhr post error",n,r)})}doPoll(){let e=this.request();e.on("data",this.onData.bind(this)),e.on("error",(t,i)=>{this.onError("xhr poll error",t,i)}),this.pollXhr=e}},k=class s extends p{constructor(e,t,i){super(),this.createRequest=e,w(this,i),this._opts=i,this._method=i.method||"GET",this._uri=t,this._data=i.data!==void 0?i.data:null,this._create()}_create(){var e;let t=G(this._opts,"agent","pfx","key","passphrase","cert","ca","ciphers","rejectUnauthorized","autoUnref");t.xdomain=!!this._opts.xd;let i=this._xhr=this.createRequest(t);try{i.open(this._method,this._uri,!0);try{if(this._opts.extraHeaders){i.setDisableHeaderCheck&&i.setDisableHeaderCheck(!0);for(let n in this._opts.extraHeaders)this._opts.extraHeaders.hasOwnProperty(n)&&i.setRequestHeader(n,this._opts.extraHeaders[n])}}catch{}if(this._method==="POST")try{i.setRequestHeader("Content-type","text/plain;charset=UTF-8")}catch{}try{i.setRequestHeader("Accept","*/*")}catch{}(e=this._opts.cookieJar)===null||e===void 0||e.addCookies(i),"withCredentials"in i&&(i.withCredentials=this._opts.withCredentials),this._opts.requestTimeout&&(i.timeout=this._opts.requestTimeout),i.onreadystatechange=()=>{var n;i.readyState===3&&((n=this._opts.cookieJar)===null||n===void 0||n.parseCookies(i.getResponseHeader("set-cookie"))),i.readyState===4&&(i.status===200||i.status===1223?this._onLoad():this.setTimeoutFn(()=>{this._onError(typeof i.status=="number"?i.status:0)},0))},i.send(this._data)}catch(n){this.setTimeoutFn(()=>{this._onError(n)},0);return}typeof document<"u"&&(this._index=s.requestsCount++,s.requests[this._index]=this)}_onError(e){this.emitReserved("error",e,this._xhr),this._cleanup(!0)}_cleanup(e){if(!(typeof this._xhr>"u"||this._xhr===null)){if(this._xhr.onreadystatechange=_t,e)try{this._xhr.abort()}catch{}typeof document<"u"&&delete s.requests[this._index],this._xhr=null}}_onLoad(){let e=this._xhr.responseText;e!==null&&(this.emitReserved("data",e),this.emitReserved("success"),this._cleanup())}abort(){this._cleanup()}};k.requestsCount=0;k.requests={};if(typeof document<"u"){if(typeof attachEvent=="function")attachEvent("onunload",je);else if(typeof addEventListener=="function"){let s="onpagehide"in m?"pagehide":"unload";addEventListener(s,je,!1)}}function je(){for(let s in k.requests)k.requests.hasOwnProperty(s)&&k.requests[s].abort()}var kt=(function(){let s=Je({xdomain:!1});return s&&s.responseType!==null})(),E=class extends fe{constructor(e){super(e);let t=e&&e.forceBase64;this.supportsBinary=kt&&!t}request(e={}){return Object.assign(e,{xd:this.xd},this.opts),new k(Je,this.uri(),e)}};function Je(s){let e=s.xdomain;try{if(typeof XMLHttpRequest<"u"&&(!e||Ye))return new XMLHttpRequest}catch{}if(!e)try{return new m[["Active"].concat("Object").join("X")]("Microsoft.XMLHTTP")}catch{}}var Ge=typeof navigator<"u"&&typeof navigator.product=="string"&&navigator.product.toLowerCase()==="reactnative",ge=class extends x{get name(){return"websocket"}doOpen(){let e=this.uri(),t=this.opts.protocols,i=Ge?{}:G(this.opts,"agent","perMessageDeflate","pfx","key","passphrase","cert","ca","ciphers","rejectUnauthorized","localAddress","protocolVersion","origin","maxPayload","family","checkServerIdentity");this.opts.extraHeaders&&(i.headers=this.opts.extraHeaders);try{this.ws=this.createSocket(e,t,i)}catch(n){return this.emitReserved("error",n)}this.ws.binaryType=this.socket.binaryType,this.addEventListeners()}addEventListeners(){this.ws.onopen=()=>{this.opts.autoUnref&&this.ws._socket.unref(),this.onOpen()},this.ws.onclose=e=>this.onClose({description:"websocket connection closed",context:e}),this.ws.onmessage=e=>this.onData(e.data),this.ws.onerror=e=>this.onError("websocket error",e)}write(e){this.writable=!1;for(let t=0;t<e.length;t++){let i=e[t],n=t===e.length-1;U(i,this.supportsBinary,r=>{try{this.doWrite(i,r)}catch{}n&&b(()=>{this.writable=!0,this.emitReserved("drain")},this.setTimeoutFn)})}}doClose(){typeof this.ws<"u"&&(this.ws.onerror=()=>{},this.ws.close(),this.ws=null)}uri(){let e=this.opts.secure?"wss":"ws",t=this.query||{};return this.opts.timestampRequests&&(t[this.opts.timestampParam]=Q()),this.supportsBinary||(t.b64=1),this.createUri(e,t)}},me=m.WebSocket||m.MozWebSocket,T=class extends ge{createSocket(e,t,i){return Ge?new me(e,t,i):t?new me(e,t):new me(e)}doWrite(e,t){this.ws.send(t)}};var O=class extends x{get name(){return"webtransport"}doOpen(){try{this._transport=new WebTransport(this.createUri("https"),this.opts.transportOptions[this.name])}catch(e){return this.emitReserved("error",e)}this._transport.closed.then(()=>{this.onClose()}).catch(e=>{this.onError("webtransport error",e)}),this._transport.ready.then(()=>{this._transport.createBidirectionalStream().then(e=>{let t=ze(Number.MAX_SAFE_INTEGER,this.socket.binaryType),i=e.readable.pipeThrough(t).getReader(),n=Fe();n.readable.pipeTo(e.writable),this._writer=n.writable.getWriter();let r=()=>{i.read().then(({done:h,value:d})=>{h||(this.onPacket(d),r())}).catch(h=>{})};r();let c={type:"open"};this.query.sid&&(c.data=`{"sid":"${this.query.sid}"}`),this._writer.write(c).then(()=>this.onOpen())})})}write(e){this.writable=!1;for(let t=0;t<e.length;t++){let i=e[t],n=t===e.length-1;this._writer.write(i).then(()=>{n&&b(()=>{this.writable=!0,this.emitReserved("drain")},this.setTimeoutFn)})}}doClose(){var e;(e=this._transport)===null||e===void 0||e.close()}};var ye={websocket:T,webtransport:O,polling:E};var Et=/^(?:(?![^:@\/?#]+:[^:@\/]*@)(http|https|ws|wss):\/\/)?((?:(([^:@\/?#]*)(?::([^:@\/?#]*))?)?@)?((?:[a-f0-9]{0,4}:){2,7}[a-f0-9]{0,4}|[^:\/?#]*)(?::(\d*))?)(((\/(?:[^?#](?![^?#\/]*\.[^?#\/.]+(?:[?#]|$)))*\/?)?([^?#\/]*))(?:\?([^#]*))?(?:#(.*))?)/,Tt=["source","protocol","authority","userInfo","user","password","host","port","relative","path","directory","file","query","anchor"];function N(s){if(s.length>8e3)throw"URI too long";let e=s,t=s.indexOf("["),i=s.indexOf("]");t!=-1&&i!=-1&&(s=s.substring(0,t)+s.substring(t,i).replace(/:/g,";")+s.substring(i,s.length));let n=Et.exec(s||""),r={},c=14;for(;c--;)r[Tt[c]]=n[c]||"";return t!=-1&&i!=-1&&(r.source=e,r.host=r.host.substring(1,r.host.length-1).replace(/;/g,":"),r.authority=r.authority.replace("[","").replace("]","").replace(/;/g,":"),r.ipv6uri=!0),r.pathNames=St(r,r.path),r.queryKey=At(r,r.query),r}function St(s,e){let t=/\/{2,9}/g,i=e.replace(t,"/").split("/");return(e.slice(0,1)=="/"||e.length===0)&&i.splice(0,1),e.slice(-1)=="/"&&i.splice(i.length-1,1),i}function At(s,e){let t={};return e.replace(/(?:^|&)([^&=]*)=?([^&]*)/g,function(i,n,r){n&&(t[n]=r)}),t}var ve=typeof addEventListener=="function"&&typeof removeEventListener=="function",Z=[];ve&&addEventListener("offline",()=>{Z.forEach(s=>s())},!1);var S=class s extends p{constructor(e,t={}){var i,n;if(super(),this.binaryType=He,this.writeBuffer=[],this._prevBufferLen=0,this._upgrades=[],this._pingInterval=-1,this._pingTimeout=-1,this._maxPayload=-1,this._pingTimeoutTime=1/0,e&&typeof e=="object"&&(t=e,e=null),e){let r=N(e);t.hostname=r.host,t.secure=r.protocol==="https"||r.protocol==="wss",t.port=r.port,r.query&&(t.query=r.query)}else t.host&&(t.hostname=N(t.host).host);if(w(this,t),this.secure=t.secure!=null?t.secure:typeof location<"u"&&location.protocol==="https:",t.hostname&&!t.port&&(t.port=this.secure?"443":"80"),this.hostname=t.hostname||(typeof location<"u"?location.hostname:"localhost"),this.port=t.port||(typeof location<"u"&&location.port?location.port:this.secure?"443":"80"),t.transportImplementations&&t.transports)throw new Error("specifying both 'transportImplementations' and 'transports' options is not supported");t.transportImplementations||!((i=t.transports)===null||i===void 0)&&i.length&&typeof t.transports[0]=="function"?(this.transports=[],this._transportsByName=Object.create(null),((n=t.transportImplementations)!==null&&n!==void 0?n:t.transports).forEach(r=>{let c=r.prototype.name;this.transports.push(c),this._transportsByName[c]=r})):(this.transports=t.transports?[...t.transports]:["polling","websocket","webtransport"],this._transportsByName=ye),this.opts=Object.assign({path:"/engine.io",agent:!1,withCredentials:!1,upgrade:!0,timestampParam:"t",rememberUpgrade:!1,addTrailingSlash:!0,rejectUnauthorized:!0,perMessageDeflate:{threshold:1024},transportOptions:{},closeOnBeforeunload:!1},t),this.opts.path=this.opts.path.replace(/\/$/,"")+(this.opts.addTrailingSlash?"/":""),typeof this.opts.query=="string"&&(this.opts.query=$e(this.opts.query)),ve&&(this.opts.closeOnBeforeunload&&(this._beforeunloadEventListener=()=>{this.transport&&(this.transport.removeAllListeners(),this.transport.close())},addEventListener("beforeunload",this._beforeunloadEventListener,!1)),this.hostname!=="localhost"&&(this._offlineEventListener=()=>{this._onClose("transport close",{description:"network connection lost"})},Z.push(this._offlineEventListener))),this.opts.withCredentials&&(this._cookieJar=void 0),this._open()}createTransport(e){let t=Object.assign({},this.opts.query);t.EIO=ue,t.transport=e,this.id&&(t.sid=this.id);let i=Object.assign({},this.opts,{query:t,socket:this,hostname:this.hostname,secure:this.secure,port:this.port},this.opts.transportOptions[e]);return new this._transportsByName[e](i)}_open(){if(this.transports.length===0){this.setTimeoutFn(()=>{this.emitReserved("error","No transports available")},0);return}let e=this.opts.rememberUpgrade&&s.priorWebsocketSuccess&&this.transports.indexOf("websocket")!==-1?"websocket":this.transports[0];this.readyState="opening";let t=this.createTransport(e);t.open(),this.setTransport(t)}setTransport(e){this.transport&&this.transport.removeAllListeners(),this.transport=e,e.on("drain",this._onDrain.bind(this)).on("packet",this._onPacket.bind(this)).on("error",this._onError.bind(this)).on("close",t=>this._onClose("transport close",t))}_probe(e){let t=this.createTransport(e),i=!1;s.priorWebsocketSuccess=!1;let n=()=>{i||(t.send([{type:"ping",data:"probe"}]),t.once("packet",_=>{if(!i)if(_.type==="pong"&&_.data==="probe"){if(this.upgrading=!0,this.emitReserved("upgrading",t),!t)return;s.priorWebsocketSuccess=t.name==="websocket",this.transport.pause(()=>{i||this.readyState!=="closed"&&(f(),this.setTransport(t),t.send([{type:"upgrade"}]),this.emitReserved("upgrade",t),t=null,this.upgrading=!1,this.flush())})}else{let M=new Error("probe error");M.transport=t.name,this.emitReserved("upgradeError",M)}}))};function r(){i||(i=!0,f(),t.close(),t=null)}let c=_=>{let M=new Error("probe error: "+_);M.transport=t.name,r(),this.emitReserved("upgradeError",M)};function h(){c("transport closed")}function d(){c("socket closed")}function y(_){t&&_.name!==t.name&&r()}let f=()=>{t.removeListener("open",n),t.removeListener("error",c),t.removeListener("close",h),this.off("close",d),this.off("upgrading",y)};t.once("open",n),t.once("error",c),t.once("close",h),this.once("close",d),this.once("upgrading",y),this._upgrades.indexOf("webtransport")!==-1&&e!=="webtransport"?this.setTimeoutFn(()=>{i||t.open()},200):t.open()}onOpen(){if(this.readyState="open",s.priorWebsocketSuccess=this.transport.name==="websocket",this.emitReserved("open"),this.flush(),this.readyState==="open"&&this.opts.upgrade)for(let e=0;e<this._upgrades.length;e++)this._probe(this._upgrades[e])}_onPacket(e){if(this.readyState==="opening"||this.readyState==="open"||this.readyState==="closing")switch(this.emitReserved("packet",e),this.emitReserved("heartbeat"),e.type){case"open":this.onHandshake(JSON.parse(e.data));break;case"ping":this._sendPacket("pong"),this.emitReserved("ping"),this.emitReserved("pong"),this._resetPingTimeout();break;case"error":let t=new Error("server error");t.code=e.data,this._onError(t);break;case"message":this.emitReserved("data",e.data),this.emitReserved("message",e.data);break}}onHandshake(e){this.emitReserved("handshake",e),this.id=e.sid,this.transport.query.sid=e.sid,this._upgrades=this._filterUpgrades(e.upgrades),this._pingInterval=e.pingInterval,this._pingTimeout=e.pingTimeout,this._maxPayload=e.maxPayload,this.onOpen(),this.readyState!=="closed"&&this._resetPingTimeout()}_resetPingTimeout(){this.clearTimeoutFn(this._pingTimeoutTimer);let e=this._pingInterval+this._pingTimeout;this._pingTimeoutTime=Date.now()+e,this._pingTimeoutTimer=this.setTimeoutFn(()=>{this._onClose("ping timeout")},e),this.opts.autoUnref&&this._pingTimeoutTimer.unref()}_onDrain(){this.writeBuffer.splice(0,this._prevBufferLen),this._prevBufferLen=0,this.writeBuffer.length===0?this.emitReserved("drain"):this.flush()}flush(){if(this.readyState!=="closed"&&this.transport.writable&&!this.upgrading&&this.writeBuffer.length){let e=this._getWritablePackets();this.transport.send(e),this._prevBufferLen=e.length,this.emitReserved("flush")}}_getWritablePackets(){if(!(this._maxPayload&&this.transport.name==="polling"&&this.writeBuffer.length>1))return this.writeBuffer;let t=1;for(let i=0;i<this.writeBuffer.length;i++){let n=this.writeBuffer[i].data;if(n&&(t+=Ve(n)),i>0&&t>this._maxPayload)return this.writeBuffer.slice(0,i);t+=2}return this.writeBuffer}_hasPingExpired(){if(!this._pingTimeoutTime)return!0;let e=Date.now()>this._pingTimeoutTime;return e&&(this._pingTimeoutTime=0,b(()=>{this._onClose("ping timeout")},this.setTimeoutFn)),e}write(e,t,i){return this._sendPacket("message",e,t,i),this}send(e,t,i){return this._sendPacket("message",e,t,i),this}_sendPacket(e,t,i,n){if(typeof t=="function"&&(n=t,t=void 0),typeof i=="function"&&(n=i,i=null),this.readyState==="closing"||this.readyState==="closed")return;i=i||{},i.compress=i.compress!==!1;let r={type:e,data:t,options:i};this.emitReserved("packetCreate",r),this.writeBuffer.push(r),n&&this.once("flush",n),this.flush()}close(){let e=()=>{this._onClose("forced close"),this.transport.close()},t=()=>{this.off("upgrade",t),this.off("upgradeError",t),e()},i=()=>{this.once("upgrade",t),this.once("upgradeError",t)};return(this.readyState==="opening"||this.readyState==="open")&&(this.readyState="closing",this.writeBuffer.length?this.once("drain",()=>{this.upgrading?i():e()}):this.upgrading?i():e()),this}_onError(e){if(s.priorWebsocketSuccess=!1,this.opts.tryAllTransports&&this.transports.length>1&&this.readyState==="opening")return this.transports.shift(),this._open();this.emitReserved("error",e),this._onClose("transport error",e)}_onClose(e,t){if(this.readyState==="opening"||this.readyState==="open"||this.readyState==="closing"){if(this.clearTimeoutFn(this._pingTimeoutTimer),this.transport.removeAllListeners("close"),this.transport.close(),this.transport.removeAllListeners(),ve&&(this._beforeunloadEventListener&&removeEventListener("beforeunload",this._beforeunloadEventListener,!1),this._offlineEventListener)){let i=Z.indexOf(this._offlineEventListener);i!==-1&&Z.splice(i,1)}this.readyState="closed",this.id=null,this.emitReserved("close",e,t),this.writeBuffer=[],this._prevBufferLen=0}}_filterUpgrades(e){let t=[];for(let i=0;i<e.length;i++)~this.transports.indexOf(e[i])&&t.push(e[i]);return t}};S.protocol=ue;var ms=S.protocol;function Qe(s,e="",t){let i=s;t=t||typeof location<"u"&&location,s==null&&(s=t.protocol+"//"+t.host),typeof s=="string"&&(s.charAt(0)==="/"&&(s.charAt(1)==="/"?s=t.protocol+s:s=t.host+s),/^(https?|wss?):\/\//.test(s)||(typeof t<"u"?s=t.protocol+"//"+s:s="https://"+s),i=N(s)),i.port||(/^(http|ws)$/.test(i.protocol)?i.port="80":/^(http|ws)s$/.test(i.protocol)&&(i.port="443")),i.path=i.path||"/";let r=i.host.indexOf(":")!==-1?"["+i.host+"]":i.host;return i.id=i.protocol+"://"+r+":"+i.port+e,i.href=i.protocol+"://"+r+(t&&t.port===i.port?"":":"+i.port),i}var ke={};ft(ke,{Decoder:()=>xe,Encoder:()=>we,PacketType:()=>l,isPacketValid:()=>Mt,protocol:()=>it});var Ct=typeof ArrayBuffer=="function",Ot=s=>typeof ArrayBuffer.isView=="function"?ArrayBuffer.isView(s):s.buffer instanceof ArrayBuffer,Xe=Object.prototype.toString,Nt=typeof Blob=="function"||typeof Blob<"u"&&Xe.call(Blob)==="[object BlobConstructor]",Lt=typeof File=="function"||typeof File<"u"&&Xe.call(File)==="[object FileConstructor]";function W(s){return Ct&&(s instanceof ArrayBuffer||Ot(s))||Nt&&s instanceof Blob||Lt&&s instanceof File}function V(s,e){if(!s||typeof s!="object")return!1;if(Array.isArray(s)){for(let t=0,i=s.length;t<i;t++)if(V(s[t]))return!0;return!1}if(W(s))return!0;if(s.toJSON&&typeof s.toJSON=="function"&&arguments.length===1)return V(s.toJSON(),!0);for(let t in s)if(Object.prototype.hasOwnProperty.call(s,t)&&V(s[t]))return!0;return!1}function Ze(s){let e=[],t=s.data,i=s;return i.data=ee(t,e),i.attachments=e.length,{packet:i,buffers:e}}function ee(s,e,t){if(!s)return s;if(W(s)){let i={_placeholder:!0,num:e.length};return e.push(s),i}else if(Array.isArray(s)){let i=new Array(s.length);for(let n=0;n<s.length;n++)i[n]=ee(s[n],e);return i}else if(typeof s=="object"&&!(s instanceof Date)){if(s.toJSON&&typeof s.toJSON=="function"&&!t)return ee(s.toJSON(),e,!0);let i={};for(let n in s)Object.prototype.hasOwnProperty.call(s,n)&&(i[n]=ee(s[n],e));return i}return s}function et(s,e){return s.data=be(s.data,e),delete s.attachments,s}function be(s,e){if(!s)return s;if(s&&s._placeholder===!0){if(typeof s.num=="number"&&s.num>=0&&s.num<e.length)return e[s.num];throw new Error("illegal attachments")}else if(Array.isArray(s))for(let t=0;t<s.length;t++)s[t]=be(s[t],e);else if(typeof s=="object")for(let t in s)Object.prototype.hasOwnProperty.call(s,t)&&(s[t]=be(s[t],e));return s}var tt=["connect","connect_error","disconnect","disconnecting","newListener","removeListener"],it=5,l;(function(s){s[s.CONNECT=0]="CONNECT",s[s.DISCONNECT=1]="DISCONNECT",s[s.EVENT=2]="EVENT",s[s.ACK=3]="ACK",s[s.CONNECT_ERROR=4]="CONNECT_ERROR",s[s.BINARY_EVENT=5]="BINARY_EVENT",s[s.BINARY_ACK=6]="BINARY_ACK"})(l||(l={}));var we=class{constructor(e){this.replacer=e}encode(e){return(e.type===l.EVENT||e.type===l.ACK)&&V(e)?this.encodeAsBinary({type:e.type===l.EVENT?l.BINARY_EVENT:l.BINARY_ACK,nsp:e.nsp,data:e.data,id:e.id}):[this.encodeAsString(e)]}encodeAsString(e){let t=""+e.type;return(e.type===l.BINARY_EVENT||e.type===l.BINARY_ACK)&&(t+=e.attachments+"-"),e.nsp&&e.nsp!=="/"&&(t+=e.nsp+","),e.id!=null&&(t+=e.id),e.data!=null&&(t+=JSON.stringify(e.data,this.replacer)),t}encodeAsBinary(e){let t=Ze(e),i=this.encodeAsString(t.packet),n=t.buffers;return n.unshift(i),n}},xe=class s extends p{constructor(e){super(),this.opts=Object.assign({reviver:void 0,maxAttachments:10},typeof e=="function"?{reviver:e}:e)}add(e){let t;if(typeof e=="string"){if(this.reconstructor)throw new Error("got plaintext data when reconstructing a packet");t=this.decodeString(e);let i=t.type===l.BINARY_EVENT;i||t.type===l.BINARY_ACK?(t.type=i?l.EVENT:l.ACK,this.reconstructor=new _e(t)):super.emitReserved("decoded",t)}else if(W(e)||e.base64)if(this.reconstructor)t=this.reconstructor.takeBinaryData(e),t&&(this.reconstructor=null,super.emitReserved("decoded",t));else throw new Error("got binary data when not reconstructing a packet");else throw new Error("Unknown type: "+e)}decodeString(e){let t=0,i={type:Number(e.charAt(0))};if(l[i.type]===void 0)throw new Error("unknown packet type "+i.type);if(i.type===l.BINARY_EVENT||i.type===l.BINARY_ACK){let r=t+1;for(;e.charAt(++t)!=="-"&&t!=e.length;);let c=e.substring(r,t);if(c!=Number(c)||e.charAt(t)!=="-")throw new Error("Illegal attachments");let h=Number(c);if(!st(h)||h<1)throw new Error("Illegal attachments");if(h>this.opts.maxAttachments)throw new Error("too many attachments");i.attachments=h}if(e.charAt(t+1)==="/"){let r=t+1;for(;++t&&!(e.charAt(t)===","||t===e.length););i.nsp=e.substring(r,t)}else i.nsp="/";let n=e.charAt(t+1);if(n!==""&&Number(n)==n){let r=t+1;for(;++t;){let c=e.charAt(t);if(c==null||Number(c)!=c){--t;break}if(t===e.length)break}i.id=Number(e.substring(r,t+1))}if(e.charAt(++t)){let r=this.tryParse(e.substr(t));if(s.isPayloadValid(i.type,r))i.data=r;else throw new Error("invalid payload")}return i}tryParse(e){try{return JSON.parse(e,this.opts.reviver)}catch{return!1}}static isPayloadValid(e,t){switch(e){case l.CONNECT:return te(t);case l.DISCONNECT:return t===void 0;case l.CONNECT_ERROR:return typeof t=="string"||te(t);case l.EVENT:case l.BINARY_EVENT:return Array.isArray(t)&&(typeof t[0]=="number"||typeof t[0]=="string"&&tt.indexOf(t[0])===-1);case l.ACK:case l.BINARY_ACK:return Array.isArray(t)}}destroy(){this.reconstructor&&(this.reconstructor.finishedReconstruction(),this.reconstructor=null)}},_e=class{constructor(e){this.packet=e,this.buffers=[],this.reconPack=e}takeBinaryData(e){if(this.buffers.push(e),this.buffers.length===this.reconPack.attachments){let t=et(this.reconPack,this.buffers);return this.finishedReconstruction(),t}return null}finishedReconstruction(){this.reconPack=null,this.buffers=[]}};function Pt(s){return typeof s=="string"}var st=Number.isInteger||function(s){return typeof s=="number"&&isFinite(s)&&Math.floor(s)===s};function Bt(s){return s===void 0||st(s)}function te(s){return Object.prototype.toString.call(s)==="[object Object]"}function qt(s,e){switch(s){case l.CONNECT:return e===void 0||te(e);case l.DISCONNECT:return e===void 0;case l.EVENT:return Array.isArray(e)&&(typeof e[0]=="number"||typeof e[0]=="string"&&tt.indexOf(e[0])===-1);case l.ACK:return Array.isArray(e);case l.CONNECT_ERROR:return typeof e=="string"||te(e);default:return!1}}function Mt(s){return Pt(s.nsp)&&Bt(s.id)&&qt(s.type,s.data)}function g(s,e,t){return s.on(e,t),function(){s.off(e,t)}}var It=Object.freeze({connect:1,connect_error:1,disconnect:1,disconnecting:1,newListener:1,removeListener:1}),L=class extends p{constructor(e,t,i){super(),this.connected=!1,this.recovered=!1,this.receiveBuffer=[],this.sendBuffer=[],this._queue=[],this._queueSeq=0,this.ids=0,this.acks={},this.flags={},this.io=e,this.nsp=t,i&&i.auth&&(this.auth=i.auth),this._opts=Object.assign({},i),this.io._autoConnect&&this.open()}get disconnected(){return!this.connected}subEvents(){if(this.subs)return;let e=this.io;this.subs=[g(e,"open",this.onopen.bind(this)),g(e,"packet",this.onpacket.bind(this)),g(e,"error",this.onerror.bind(this)),g(e,"close",this.onclose.bind(this))]}get active(){return!!this.subs}connect(){return this.connected?this:(this.subEvents(),this.io._reconnecting||this.io.open(),this.io._readyState==="open"&&this.onopen(),this)}open(){return this.connect()}send(...e){return e.unshift("message"),this.emit.apply(this,e),this}emit(e,...t){var i,n,r;if(It.hasOwnProperty(e))throw new Error('"'+e.toString()+'" is a reserved event name');if(t.unshift(e),this._opts.retries&&!this.flags.fromQueue&&!this.flags.volatile)return this._addToQueue(t),this;let c={type:l.EVENT,data:t};if(c.options={},c.options.compress=this.flags.compress!==!1,typeof t[t.length-1]=="function"){let f=this.ids++,_=t.pop();this._registerAckCallback(f,_),c.id=f}let h=(n=(i=this.io.engine)===null||i===void 0?void 0:i.transport)===null||n===void 0?void 0:n.writable,d=this.connected&&!(!((r=this.io.engine)===null||r===void 0)&&r._hasPingExpired());return this.flags.volatile&&!h||(d?(this.notifyOutgoingListeners(c),this.packet(c)):this.sendBuffer.push(c)),this.flags={},this}_registerAckCallback(e,t){var i;let n=(i=this.flags.timeout)!==null&&i!==void 0?i:this._opts.ackTimeout;if(n===void 0){this.acks[e]=t;return}let r=this.io.setTimeoutFn(()=>{delete this.acks[e];for(let h=0;h<this.sendBuffer.length;h++)this.sendBuffer[h].id===e&&this.sendBuffer.splice(h,1);t.call(this,new Error("operation has timed out"))},n),c=(...h)=>{this.io.clearTimeoutFn(r),t.apply(this,h)};c.withError=!0,this.acks[e]=c}emitWithAck(e,...t){return new Promise((i,n)=>{let r=(c,h)=>c?n(c):i(h);r.withError=!0,t.push(r),this.emit(e,...t)})}_addToQueue(e){let t;typeof e[e.length-1]=="function"&&(t=e.pop());let i={id:this._queueSeq++,tryCount:0,pending:!1,args:e,flags:Object.assign({fromQueue:!0},this.flags)};e.push((n,...r)=>i!==this._queue[0]?void 0:(n!==null?i.tryCount>this._opts.retries&&(this._queue.shift(),t&&t(n)):(this._queue.shift(),t&&t(null,...r)),i.pending=!1,this._drainQueue())),this._queue.push(i),this._drainQueue()}_drainQueue(e=!1){if(!this.connected||this._queue.length===0)return;let t=this._queue[0];t.pending&&!e||(t.pending=!0,t.tryCount++,this.flags=t.flags,this.emit.apply(this,t.args))}packet(e){e.nsp=this.nsp,this.io._packet(e)}onopen(){typeof this.auth=="function"?this.auth(e=>{this._sendConnectPacket(e)}):this._sendConnectPacket(this.auth)}_sendConnectPacket(e){this.packet({type:l.CONNECT,data:this._pid?Object.assign({pid:this._pid,offset:this._lastOffset},e):e})}onerror(e){this.connected||this.emitReserved("connect_error",e)}onclose(e,t){this.connected=!1,delete this.id,this.emitReserved("disconnect",e,t),this._clearAcks()}_clearAcks(){Object.keys(this.acks).forEach(e=>{if(!this.sendBuffer.some(i=>String(i.id)===e)){let i=this.acks[e];delete this.acks[e],i.withError&&i.call(this,new Error("socket has been disconnected"))}})}onpacket(e){if(e.nsp===this.nsp)switch(e.type){case l.CONNECT:e.data&&e.data.sid?this.onconnect(e.data.sid,e.data.pid):this.emitReserved("connect_error",new Error("It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible (more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)"));break;case l.EVENT:case l.BINARY_EVENT:this.onevent(e);break;case l.ACK:case l.BINARY_ACK:this.onack(e);break;case l.DISCONNECT:this.ondisconnect();break;case l.CONNECT_ERROR:this.destroy();let i=new Error(e.data.message);i.data=e.data.data,this.emitReserved("connect_error",i);break}}onevent(e){let t=e.data||[];e.id!=null&&t.push(this.ack(e.id)),this.connected?this.emitEvent(t):this.receiveBuffer.push(Object.freeze(t))}emitEvent(e){if(this._anyListeners&&this._anyListeners.length){let t=this._anyListeners.slice();for(let i of t)i.apply(this,e)}super.emit.apply(this,e),this._pid&&e.length&&typeof e[e.length-1]=="string"&&(this._lastOffset=e[e.length-1])}ack(e){let t=this,i=!1;return function(...n){i||(i=!0,t.packet({type:l.ACK,id:e,data:n}))}}onack(e){let t=this.acks[e.id];typeof t=="function"&&(delete this.acks[e.id],t.withError&&e.data.unshift(null),t.apply(this,e.data))}onconnect(e,t){this.id=e,this.recovered=t&&this._pid===t,this._pid=t,this.connected=!0,this.emitBuffered(),this.emitReserved("connect"),this._drainQueue(!0)}emitBuffered(){this.receiveBuffer.forEach(e=>this.emitEvent(e)),this.receiveBuffer=[],this.sendBuffer.forEach(e=>{this.notifyOutgoingListeners(e),this.packet(e)}),this.sendBuffer=[]}ondisconnect(){this.destroy(),this.onclose("io server disconnect")}destroy(){this.subs&&(this.subs.forEach(e=>e()),this.subs=void 0),this.io._destroy(this)}disconnect(){return this.connected&&this.packet({type:l.DISCONNECT}),this.destroy(),this.connected&&this.onclose("io client disconnect"),this}close(){return this.disconnect()}compress(e){return this.flags.compress=e,this}get volatile(){return this.flags.volatile=!0,this}timeout(e){return this.flags.timeout=e,this}onAny(e){return this._anyListeners=this._anyListeners||[],this._anyListeners.push(e),this}prependAny(e){return this._anyListeners=this._anyListeners||[],this._anyListeners.unshift(e),this}offAny(e){if(!this._anyListeners)return this;if(e){let t=this._anyListeners;for(let i=0;i<t.length;i++)if(e===t[i])return t.splice(i,1),this}else this._anyListeners=[];return this}listenersAny(){return this._anyListeners||[]}onAnyOutgoing(e){return this._anyOutgoingListeners=this._anyOutgoingListeners||[],this._anyOutgoingListeners.push(e),this}prependAnyOutgoing(e){return this._anyOutgoingListeners=this._anyOutgoingListeners||[],this._anyOutgoingListeners.unshift(e),this}offAnyOutgoing(e){if(!this._anyOutgoingListeners)return this;if(e){let t=this._anyOutgoingListeners;for(let i=0;i<t.length;i++)if(e===t[i])return t.splice(i,1),this}else this._anyOutgoingListeners=[];return this}listenersAnyOutgoing(){return this._anyOutgoingListeners||[]}notifyOutgoingListeners(e){if(this._anyOutgoingListeners&&this._anyOutgoingListeners.length){let t=this._anyOutgoingListeners.slice();for(let i of t)i.apply(this,e.data)}}};function A(s){s=s||{},this.ms=s.min||100,this.max=s.max||1e4,this.factor=s.factor||2,this.jitter=s.jitter>0&&s.jitter<=1?s.jitter:0,this.attempts=0}A.prototype.duration=function(){var s=this.ms*Math.pow(this.factor,this.attempts++);if(this.jitter){var e=Math.random(),t=Math.floor(e*this.jitter*s);s=(Math.floor(e*10)&1)==0?s-t:s+t}return Math.min(s,this.max)|0};A.prototype.reset=function(){this.attempts=0};A.prototype.setMin=function(s){this.ms=s};A.prototype.setMax=function(s){this.max=s};A.prototype.setJitter=function(s){this.jitter=s};var P=class extends p{constructor(e,t){var i;super(),this.nsps={},this.subs=[],e&&typeof e=="object"&&(t=e,e=void 0),t=t||{},t.path=t.path||"/socket.io",this.opts=t,w(this,t),this.reconnection(t.reconnection!==!1),this.reconnectionAttempts(t.reconnectionAttempts||1/0),this.reconnectionDelay(t.reconnectionDelay||1e3),this.reconnectionDelayMax(t.reconnectionDelayMax||5e3),this.randomizationFactor((i=t.randomizationFactor)!==null&&i!==void 0?i:.5),this.backoff=new A({min:this.reconnectionDelay(),max:this.reconnectionDelayMax(),jitter:this.randomizationFactor()}),this.timeout(t.timeout==null?2e4:t.timeout),this._readyState="closed",this.uri=e;let n=t.parser||ke;this.encoder=new n.Encoder,this.decoder=new n.Decoder,this._autoConnect=t.autoConnect!==!1,this._autoConnect&&this.open()}reconnection(e){return arguments.length?(this._reconnection=!!e,e||(this.skipReconnect=!0),this):this._reconnection}reconnectionAttempts(e){return e===void 0?this._reconnectionAttempts:(this._reconnectionAttempts=e,this)}reconnectionDelay(e){var t;return e===void 0?this._reconnectionDelay:(this._reconnectionDelay=e,(t=this.backoff)===null||t===void 0||t.setMin(e),this)}randomizationFactor(e){var t;return e===void 0?this._randomizationFactor:(this._randomizationFactor=e,(t=this.backoff)===null||t===void 0||t.setJitter(e),this)}reconnectionDelayMax(e){var t;return e===void 0?this._reconnectionDelayMax:(this._reconnectionDelayMax=e,(t=this.backoff)===null||t===void 0||t.setMax(e),this)}timeout(e){return arguments.length?(this._timeout=e,this):this._timeout}maybeReconnectOnOpen(){!this._reconnecting&&this._reconnection&&this.backoff.attempts===0&&this.reconnect()}open(e){if(~this._readyState.indexOf("open"))return this;this.engine=new S(this.uri,this.opts);let t=this.engine,i=this;this._readyState="opening",this.skipReconnect=!1;let n=g(t,"open",function(){i.onopen(),e&&e()}),r=h=>{this.cleanup(),this._readyState="closed",this.emitReserved("error",h),e?e(h):this.maybeReconnectOnOpen()},c=g(t,"error",r);if(this._timeout!==!1){let h=this._timeout,d=this.setTimeoutFn(()=>{n(),r(new Error("timeout")),t.close()},h);this.opts.autoUnref&&d.unref(),this.subs.push(()=>{this.clearTimeoutFn(d)})}return this.subs.push(n),this.subs.push(c),this}connect(e){return this.open(e)}onopen(){this.cleanup(),this._readyState="open",this.emitReserved("open");let e=this.engine;this.subs.push(g(e,"ping",this.onping.bind(this)),g(e,"data",this.ondata.bind(this)),g(e,"error",this.onerror.bind(this)),g(e,"close",this.onclose.bind(this)),g(this.decoder,"decoded",this.ondecoded.bind(this)))}onping(){this.emitReserved("ping")}ondata(e){try{this.decoder.add(e)}catch(t){this.onclose("parse error",t)}}ondecoded(e){b(()=>{this.emitReserved("packet",e)},this.setTimeoutFn)}onerror(e){this.emitReserved("error",e)}socket(e,t){let i=this.nsps[e];return i?this._autoConnect&&!i.active&&i.connect():(i=new L(this,e,t),this.nsps[e]=i),i}_destroy(e){let t=Object.keys(this.nsps);for(let i of t)if(this.nsps[i].active)return;this._close()}_packet(e){let t=this.encoder.encode(e);for(let i=0;i<t.length;i++)this.engine.write(t[i],e.options)}cleanup(){this.subs.forEach(e=>e()),this.subs.length=0,this.decoder.destroy()}_close(){this.skipReconnect=!0,this._reconnecting=!1,this.onclose("forced close")}disconnect(){return this._close()}onclose(e,t){var i;this.cleanup(),(i=this.engine)===null||i===void 0||i.close(),this.backoff.reset(),this._readyState="closed",this.emitReserved("close",e,t),this._reconnection&&!this.skipReconnect&&this.reconnect()}reconnect(){if(this._reconnecting||this.skipReconnect)return this;let e=this;if(this.backoff.attempts>=this._reconnectionAttempts)this.backoff.reset(),this.emitReserved("reconnect_failed"),this._reconnecting=!1;else{let t=this.backoff.duration();this._reconnecting=!0;let i=this.setTimeoutFn(()=>{e.skipReconnect||(this.emitReserved("reconnect_attempt",e.backoff.attempts),!e.skipReconnect&&e.open(n=>{n?(e._reconnecting=!1,e.reconnect(),this.emitReserved("reconnect_error",n)):e.onreconnect()}))},t);this.opts.autoUnref&&i.unref(),this.subs.push(()=>{this.clearTimeoutFn(i)})}}onreconnect(){let e=this.backoff.attempts;this._reconnecting=!1,this.backoff.reset(),this.emitReserved("reconnect",e)}};var $={};function K(s,e){typeof s=="object"&&(e=s,s=void 0),e=e||{};let t=Qe(s,e.path||"/socket.io"),i=t.source,n=t.id,r=t.path,c=$[n]&&r in $[n].nsps,h=e.forceNew||e["force new connection"]||e.multiplex===!1||c,d;return h?d=new P(i,e):($[n]||($[n]=new P(i,e)),d=$[n]),t.query&&!e.query&&(e.query=t.queryKey),d.socket(t.path,e)}Object.assign(K,{Manager:P,Socket:L,io:K,connect:K});var Dt=3e4,Ut=1e4,ie=class{constructor(e,t,i){this.server=e;this.session=t;this.listener=i;this.joined=!1;this.explained=!1;this.socket=K(e.origin,{path:`${e.pathname}socket.io`,transports:["websocket","polling"],tryAllTransports:!0,reconnectionDelay:500,reconnectionDelayMax:5e3,autoConnect:!1,forceNew:!0}),this.socket.on("connect",()=>this.join()),this.socket.on("session_confirm",n=>{n===this.session()&&(this.joined=!0,i.ready())}),this.socket.on("bot_uttered",n=>{n&&typeof n=="object"&&i.answer(n)}),this.socket.on("disconnect",()=>this.lose()),this.socket.on("connect_error",()=>{this.explain(),this.lose()})}get isReady(){return this.joined&&this.socket.connected}open(){this.socket.connect()}close(){this.socket.disconnect()}join(){this.joined=!1,this.socket.connected&&this.socket.emit("session_request",{session_id:this.session()})}async send(e,t){let i={session_id:this.session(),message_id:e.id,message:e.send,again:t,metadata:e.about?{about:e.about}:{}};return await this.acknowledged("user_uttered",i,Dt)||this.socket.connected}async forget(){if(!this.isReady)return!1;let e={session_id:this.session()};return this.acknowledged("delete_conversation",e,Ut)}async acknowledged(e,t,i){let n=()=>{},r=new Promise(h=>{n=()=>h(!1),this.socket.once("disconnect",n)}),c=this.socket.timeout(i).emitWithAck(e,t).then(h=>h===!0).catch(()=>!1);try{return await Promise.race([c,r])}finally{this.socket.off("disconnect",n)}}lose(){this.joined=!1,this.listener.lost()}explain(){if(this.explained)return;this.explained=!0;let e=this.server.origin===location.origin?"":` If it runs, it has to allow this site: MESOGUIDE_ORIGINS=${location.origin}`;console.warn(`meso-guide: no connection to ${this.server.href}.${e}`)}};var se=class{constructor(e){this.scope=e;this.memory=new Map}read(e){try{return sessionStorage.getItem(this.name(e))??this.memory.get(e)??null}catch{return this.memory.get(e)??null}}write(e,t){this.memory.set(e,t);try{sessionStorage.setItem(this.name(e),t)}catch{}}remove(e){this.memory.delete(e);try{sessionStorage.removeItem(this.name(e))}catch{}}name(e){return`mesoguide ${this.scope} ${e}`}},Te=()=>Array.from(crypto.getRandomValues(new Uint8Array(16)),s=>s.toString(16).padStart(2,"0")).join(""),Ee=new Set;async function Se(s){if(!navigator.locks||Ee.has(s))return!1;Ee.add(s);for(let e=0;e<3;e++){if(!await new Promise(i=>{navigator.locks.request(`mesoguide ${s}`,{ifAvailable:!0},n=>(i(n===null),n===null?void 0:new Promise(()=>{}))).catch(()=>i(!1))}))return!1;await new Promise(i=>setTimeout(i,100))}return Ee.delete(s),!0}var Ft=300,Y="/greet",ne=class{constructor(e,t,i){this.storage=t;this.view=i;this.entries=[];this.session="";this.flight=null;this.leaving=!1;this.connection=new ie(e,()=>this.session,{ready:()=>{i.connected(!0),this.entries.filter(n=>n.status==="failed"&&n.tried&&!n.replies.length).forEach(n=>this.wait(n)),this.flush()},lost:()=>i.connected(!1),answer:n=>this.take(n)})}async begin(){let e=this.storage.read("session"),t=zt(this.storage.read("entries"));return e&&/^[0-9a-f]{32}$/.test(e)&&!await Se(e)?(this.session=e,this.entries=t,this.entries.forEach(i=>this.view.show(i))):this.renew(),this.entries.length>0}open(){this.entries.length||this.say("",Y),this.connection.open()}close(){this.connection.close()}say(e,t=e,i){this.entries.filter(r=>r.send===Y&&!r.replies.length&&r!==this.flight).forEach(r=>this.drop(r));let n={id:Te(),text:e,send:t,hidden:e==="",status:"waiting",tried:!1,replies:[],...i===void 0?{}:{about:i}};this.entries.push(n),this.save(),this.view.show(n),this.flush()}again(e){this.wait(e),this.flush()}wait(e){e.status="waiting",this.save(),this.view.show(e)}rate(e,t){e.rated=t,this.save(),this.say("",t==="up"?"/feedback_positive":"/feedback_negative",e.id)}startOver(){this.clear(),this.connection.join(),this.say("",Y)}async forget(){this.leaving=!0;let e=await this.connection.forget();return this.leaving=!1,e?(this.clear(),this.connection.join()):this.flush(),e}get gathered(){return this.entries.flatMap(t=>t.replies.map(i=>i.questions)).filter(t=>t!==void 0).pop()??[]}clear(){[...this.entries].forEach(e=>this.drop(e)),this.flight=null,this.view.waiting(!1),this.renew()}renew(){this.session=Te(),this.storage.write("session",this.session),Se(this.session),this.entries=[],this.save()}drop(e){this.entries=this.entries.filter(t=>t!==e),this.save(),this.view.removed(e)}async flush(){if(this.flight||this.leaving||!this.connection.isReady)return;let e=this.entries.find(n=>n.status==="waiting");if(!e)return;this.flight=e,this.view.waiting(!0);let t=e.tried;e.tried=!0,this.save();let i=await this.connection.send(e,t);this.flight===e&&(this.flight=null,this.view.waiting(!1),i&&(e.status=e.replies.length?"answered":"failed",this.save(),e.status==="failed"&&this.view.show(e),await this.flush()))}take(e){let{reply_to:t,...i}=e,n=this.entries.find(r=>r.id===t);!n||!nt(i)||n.replies.length||(n.replies.push(i),n.status==="failed"&&(n.status="answered"),this.save(),this.view.replied(n,i))}save(){this.storage.write("entries",JSON.stringify(this.entries.slice(-Ft)))}},nt=s=>typeof s?.type=="string"&&typeof s.text=="string"&&s.text.trim()!=="";function zt(s){try{let e=JSON.parse(s??"[]");return Array.isArray(e)?e.filter(Ht):[]}catch{return[]}}function Ht(s){return typeof s?.id=="string"&&typeof s.text=="string"&&typeof s.send=="string"&&Array.isArray(s.replies)&&s.replies.every(nt)}function o(s,e="",...t){let i=document.createElement(s);return e&&(i.className=e),i.append(...t),i}function u(s,e,t="",i=""){let n=o("button",t,s);return n.type="button",i&&(n.setAttribute("aria-label",i),n.title=i),n.addEventListener("click",e),n}var B=s=>o("span","for-readers",s);function re(s,e,t){let i=o("a","",e,B(t));return i.href=s,i.target="_blank",i.rel="noopener noreferrer",i}var rt="http://www.w3.org/2000/svg";function R(s){let e=document.createElementNS(rt,"svg");e.setAttribute("viewBox","0 0 24 24"),e.setAttribute("aria-hidden","true");let t=document.createElementNS(rt,"path");return t.setAttribute("d",s),e.append(t),e}var C={chat:"M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-7l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z",close:"M6 6l12 12M18 6L6 18",more:"M5 12h.01M12 12h.01M19 12h.01",up:"M7 11v9H4v-9zM7 11l4-8c1.5 0 2.5 1 2.5 2.5V9H19a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.800 20H7",down:"M17 13V4h3v9zM17 13l-4 8c-1.500 0-2.500-1-2.500-2.500V15H5a2 2 0 0 1-2-2.300l1.200-7A2 2 0 0 1 6.200 4H17"};var ot=`@page {
  margin: 2cm;
}
body {
  font: 14pt/1.5 system-ui, sans-serif;
  color: #000;
}
h1 {
  font-size: 18pt;
}
li {
  margin: 0 0 2.2em;
  break-inside: avoid;
}
`;var a={name:"Mesoguide",subtitle:"A computer program, not a doctor.",launcher:"Ask Mesoguide",dialog:"Chat with Mesoguide",transcript:"Conversation",danger:"What it does in danger",close:"Close the chat",menu:"More",message:"Your message",placeholder:"Type here",send:"Send",you:"You: ",guide:"Mesoguide: ",newTab:" (opens in a new tab)",typing:"Looking for an answer",askNext:"You can ask next",sources:"Where this comes from",article:s=>`The article, paragraph ${s}`,safety:"Please act on this now",rate:"Did this help?",up:"Yes, this helped",down:"No, this did not help",rated:"Thank you.",questions:"My questions",questionsAbout:"Your list for the oncologist. It grows as you chat, and you can add to it.",questionsEmpty:"Your list is empty so far.",questionsTitle:"My questions for the oncologist",questionNew:"Add a question",add:"Add",remove:s=>`Remove: ${s}`,removeShort:"Remove",copy:"Copy",copied:"Copied.",notCopied:"Copying is not allowed here. Save the list instead.",save:"Save as text",file:"my-questions.txt",print:"Print",back:"Back to the chat",startOver:"Start over",startOverAsk:"Start over? This clears the chat on this page only. What was said stays on the server. To delete it there too, choose \u201CDelete this conversation\u201D.",startOverYes:"Yes, start over",forget:"Delete this conversation",forgetAsk:"Delete this conversation, here and on the server? This can't be undone.",forgetYes:"Yes, delete it",forgotten:"The conversation is deleted, here and on the server.",notForgotten:"The server did not confirm it, so it may not be deleted yet. Please try again.",cancel:"No, keep it",textSize:"Text size",smaller:"Smaller text",larger:"Larger text",sizeNow:s=>`Text size ${s} %`,offline:"No connection. What you write is kept, and goes out when the connection is back.",back_online:"Connected again.",unanswered:"No answer arrived. Your message is still here.",unreached:"Mesoguide could not be reached.",again:"Send again",emergency:"In an emergency, call 911 (US), 999 (UK) or 112 (Europe and Turkey).",tooLong:s=>`Please write at most ${s} characters.`};var Wt=300,oe=class{constructor(e,t,i){this.storage=e;this.say=t;this.element=o("div","panel questions");this.heading=o("h3","",a.questions);this.list=o("ol");this.empty=o("p","empty",a.questionsEmpty);this.input=o("input");this.gathered=[];this.heading.tabIndex=-1,this.input.id="new-question",this.input.maxLength=Wt,this.input.autocomplete="off";let n=o("label","",a.questionNew);n.htmlFor=this.input.id;let r=o("button","",a.add),c=o("form","row",this.input,r);c.addEventListener("submit",d=>{d.preventDefault(),this.add(this.input.value.trim())});let h=o("div","tools",u(a.copy,()=>void this.copy()),u(a.save,()=>this.save()),u(a.print,()=>this.print()),u(a.back,i));this.element.append(this.heading,o("p","",a.questionsAbout),this.empty,this.list,n,c,h)}show(e){this.gathered=e,this.draw(),this.heading.focus()}get kept(){try{let e=JSON.parse(this.storage.read("questions")??"{}");return{added:e.added??[],removed:e.removed??[]}}catch{return{added:[],removed:[]}}}get all(){let{added:e,removed:t}=this.kept;return[...new Set([...this.gathered,...e])].filter(i=>!t.includes(i))}keep(e){this.storage.write("questions",JSON.stringify(e)),this.draw()}add(e){if(e){let{added:t,removed:i}=this.kept,n=i.filter(r=>r!==e);this.keep({added:[...new Set([...t,e])],removed:n}),this.input.value="",this.say(e)}this.input.focus()}remove(e){let{added:t,removed:i}=this.kept,n=t.filter(r=>r!==e);this.keep({added:n,removed:[...i,e]}),this.heading.focus()}draw(){let e=this.all.map(t=>{let i=u(o("span","",a.removeShort),()=>this.remove(t),"quiet",a.remove(t));return o("li","",o("span","question",t),i)});this.list.replaceChildren(...e),this.list.hidden=e.length===0,this.empty.hidden=e.length>0}get text(){let e=this.all.map((t,i)=>`${i+1}. ${t}`);return[a.questionsTitle,"",...e,""].join(`
`)}async copy(){try{await navigator.clipboard.writeText(this.text),this.say(a.copied)}catch{this.say(a.notCopied)}}save(){let e=URL.createObjectURL(new Blob([this.text],{type:"text/plain;charset=utf-8"})),t=o("a","",B(a.save));t.href=e,t.download=a.file,t.click(),setTimeout(()=>URL.revokeObjectURL(e),1e3)}print(){this.element.querySelector("iframe")?.remove();let e=o("iframe","for-readers");e.title=a.questionsTitle,e.tabIndex=-1,e.setAttribute("aria-hidden","true"),this.element.append(e);let t=e.contentDocument,i=e.contentWindow;if(!t||!i)return;let n=new i.CSSStyleSheet;n.replaceSync(ot),t.adoptedStyleSheets=[n],t.title=a.questionsTitle,t.documentElement.lang="en";let r=this.all.map(c=>o("li","",c));t.body.append(o("h1","",a.questionsTitle),o("ol","",...r)),i.print()}};var at=`/* Nothing of the page comes in; what may be set from outside are the properties named here. */
:host {
  all: initial !important;
  display: block !important;
}

:host([position="page"]) {
  height: 100% !important;
}

.root {
  --accent: var(--mesoguide-accent, #17585f);
  --on-accent: var(--mesoguide-on-accent, #fff);
  --page: var(--mesoguide-background, #f5f3ee);
  --card: var(--mesoguide-surface, #fff);
  --ink: var(--mesoguide-text, #1d272b);
  --soft: #526067;
  --line: #d9d5cb;
  --edge: #66757b;
  --tint: color-mix(in srgb, var(--accent) 14%, var(--card));
  --alarm: #a3211f;
  --alarm-card: #fff3f0;
  color-scheme: light dark;
  font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-size: calc(16px * var(--size, 1));
  color: var(--ink);
  text-align: start;
}

@media (prefers-color-scheme: dark) {
  .root {
    --accent: var(--mesoguide-accent-dark, #8bcbc8);
    --on-accent: var(--mesoguide-on-accent-dark, #0d2325);
    --page: var(--mesoguide-background-dark, #12181b);
    --card: var(--mesoguide-surface-dark, #1d2529);
    --ink: var(--mesoguide-text-dark, #e7ebea);
    --soft: #a9b6ba;
    --line: #344045;
    --edge: #84949a;
    --alarm: #ff9c90;
    --alarm-card: #351c1a;
  }
}

*,
*::before,
*::after {
  box-sizing: border-box;
}

[hidden] {
  display: none !important;
}

p,
h2,
h3,
blockquote,
ol {
  margin: 0;
  padding: 0;
}

button,
input,
textarea {
  font: inherit;
  color: inherit;
}

button {
  min-height: 2.5em;
  border: 1px solid var(--accent);
  border-radius: 1.3em;
  padding: 0.35em 0.95em;
  background: transparent;
  color: var(--accent);
  font-weight: 600;
  line-height: 1.3;
  cursor: pointer;
  touch-action: manipulation;
}

button:hover {
  background: var(--tint);
}

a {
  color: var(--accent);
  text-underline-offset: 0.15em;
}

:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}

svg {
  width: 1.5em;
  height: 1.5em;
  fill: none;
  stroke: currentColor;
  stroke-width: 2;
  stroke-linecap: round;
  stroke-linejoin: round;
}

.for-readers {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  border: 0;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

/* ---- the launcher and the window */

.launcher {
  position: fixed;
  z-index: 2147483646;
  inset-block-end: max(1rem, env(safe-area-inset-bottom));
  inset-inline-end: 1rem;
  display: grid;
  place-items: center;
  width: 60px;
  height: 60px;
  padding: 0;
  border-radius: 50%;
  border: 2px solid var(--on-accent);
  background: var(--accent);
  color: var(--on-accent);
  box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
}

.launcher:hover {
  background: var(--accent);
  filter: brightness(1.15);
}

.launcher svg {
  width: 28px;
  height: 28px;
}

.left .launcher {
  inset-inline: 1rem auto;
}

.chat {
  flex-direction: column;
  margin: 0;
  padding: 0;
  border: 1px solid var(--line);
  background: var(--page);
  color: var(--ink);
  overflow: hidden;
  overflow-wrap: anywhere;
}

.chat[open],
.chat.page {
  display: flex;
}

dialog.chat {
  position: fixed;
  z-index: 2147483647;
  inset: auto 1rem 1rem auto;
  width: min(416px, calc(100vw - 2rem));
  height: min(680px, calc(100vh - 2rem));
  max-width: none;
  max-height: none;
  border-radius: 16px;
  box-shadow: 0 8px 40px rgb(0 0 0 / 30%);
}

.left dialog.chat {
  inset: auto auto 1rem 1rem;
}

.fills,
.chat.page {
  height: 100%;
}

.chat.page {
  border: 0;
}

@media (max-width: 480px), (max-height: 480px) {
  dialog.chat,
  .left dialog.chat {
    inset: 0;
    width: 100%;
    height: 100%;
    height: 100dvh;
    border: 0;
    border-radius: 0;
  }
}

@media (max-height: 500px) {
  .chat {
    overflow-y: auto;
  }
}

/* ---- the bar, the menu and the line about the connection */

.bar {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.3em 0.5em;
  padding: 0.55em 0.8em;
  background: var(--card);
  border-bottom: 1px solid var(--line);
}

.names {
  flex: 1 1 8em;
}

h2 {
  font-size: 1.1em;
  line-height: 1.25;
}

.names p {
  font-size: 0.85em;
  line-height: 1.3;
  color: var(--soft);
}

.bar button {
  flex: none;
  font-size: 0.9em;
}

.icon {
  display: grid;
  place-items: center;
  width: 2.6em;
  height: 2.6em;
  padding: 0;
  border-color: transparent;
}

.menu {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5em 0.8em;
  padding: 0.6em 0.8em;
  background: var(--card);
  border-bottom: 1px solid var(--line);
  font-size: 0.92em;
  flex: none;
}

.menu > a {
  flex-basis: 100%;
  padding: 0.2em 0;
}

.sizes {
  display: flex;
  align-items: center;
  gap: 0.4em;
  flex-basis: 100%;
}

.offline:not(:empty) {
  padding: 0.5em 0.9em;
  background: var(--ink);
  color: var(--page);
  font-size: 0.92em;
}

/* ---- the conversation */

.transcript {
  flex: 1 1 0;
  min-height: 4em;
  overflow-y: auto;
  overscroll-behavior: contain;
  padding: 0.9em;
  display: flex;
  flex-direction: column;
  gap: 0.9em;
  outline-offset: -3px;
}

.transcript > * {
  width: 100%;
  max-width: 44em;
  margin-inline: auto;
}

.turn,
.guide {
  display: flex;
  flex-direction: column;
  gap: 0.55em;
}

.turn:empty {
  display: none;
}

.bubble {
  max-width: 92%;
  align-self: flex-start;
  padding: 0.65em 0.9em;
  border: 1px solid var(--line);
  border-radius: 1em 1em 1em 0.25em;
  background: var(--card);
  white-space: pre-line;
}

.bubble > p + p {
  margin-top: 0.5em;
}

.person {
  align-self: flex-end;
  border-radius: 1em 1em 0.25em 1em;
  border-color: transparent;
  background: var(--tint);
}

.intro {
  color: var(--soft);
  font-size: 0.93em;
}

.reminder {
  margin-top: 0.7em;
  padding-top: 0.6em;
  border-top: 1px solid var(--line);
  font-weight: 600;
}

.safety {
  max-width: 100%;
  width: 100%;
  border: 2px solid var(--alarm);
  background: var(--alarm-card);
}

.safety p {
  font-size: 1.05em;
}

.safety-title {
  color: var(--alarm);
  font-weight: 700;
}

.tel {
  font-weight: 700;
  white-space: nowrap;
}

.safety .tel {
  display: inline-block;
  min-width: 1.7em;
  padding: 0.1em 0.35em;
  border-radius: 0.4em;
  border: 1px solid var(--alarm);
  color: var(--alarm);
  text-align: center;
  text-decoration: none;
}

.sources {
  margin-top: 0.6em;
  font-size: 0.93em;
}

summary {
  padding: 0.25em 0;
  color: var(--accent);
  font-weight: 600;
  cursor: pointer;
}

.source {
  margin-top: 0.5em;
  padding: 0.5em 0.7em;
  border-inline-start: 3px solid var(--accent);
  background: var(--page);
}

.from {
  margin-top: 0.3em;
  color: var(--soft);
}

.rating {
  display: flex;
  gap: 0.3em;
  color: var(--soft);
  font-size: 0.9em;
}

.thumb {
  display: grid;
  place-items: center;
  width: 2.3em;
  height: 2.3em;
  min-height: 0;
  padding: 0;
  border-color: transparent;
  color: var(--soft);
}

.thumb svg {
  width: 1.25em;
  height: 1.25em;
}

.suggestions {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5em;
}

.suggestions button {
  background: var(--card);
  text-align: start;
}

.notice {
  display: flex;
  flex-direction: column;
  align-items: flex-start;
  gap: 0.5em;
  padding: 0.7em 0.9em;
  border: 1px solid var(--alarm);
  border-radius: 0.7em;
  background: var(--alarm-card);
}

.note {
  color: var(--soft);
  text-align: center;
}

.typing {
  display: flex;
  align-items: center;
  gap: 0.3em;
  min-height: 1.5em;
  padding: 0 1em;
  color: var(--soft);
  font-size: 0.88em;
}

.typing i {
  width: 0.45em;
  height: 0.45em;
  border-radius: 50%;
  background: var(--edge);
  animation: blink 1.2s infinite;
}

.typing i:nth-child(2) {
  animation-delay: 0.2s;
}

.typing i:nth-child(3) {
  margin-inline-end: 0.4em;
  animation-delay: 0.4s;
}

@keyframes blink {
  50% {
    opacity: 0.25;
  }
}

@media (prefers-reduced-motion: reduce) {
  .typing i {
    animation: none;
  }
}

/* ---- writing */

.composer {
  padding: 0.5em 0.9em max(0.7em, env(safe-area-inset-bottom));
  background: var(--card);
  border-top: 1px solid var(--line);
}

.fills .bar,
.fills .menu,
.fills .composer {
  padding-inline: max(0.9em, calc((100% - 44em) / 2));
}

.fills .typing {
  width: 100%;
  max-width: 44em;
  margin-inline: auto;
}

label {
  display: block;
  margin-bottom: 0.2em;
  font-size: 0.88em;
  font-weight: 600;
}

.row {
  display: flex;
  flex-wrap: wrap;
  align-items: flex-end;
  gap: 0.5em;
}

textarea,
input {
  flex: 1 1 9em;
  min-width: 0;
  min-height: 2.6em;
  max-height: 30vh;
  padding: 0.5em 0.8em;
  border: 1px solid var(--edge);
  border-radius: 1.2em;
  background: var(--page);
  resize: none;
}

::placeholder {
  color: var(--soft);
  opacity: 1;
}

.send {
  background: var(--accent);
  color: var(--on-accent);
}

.send:hover {
  background: var(--accent);
}

.send:hover,
.danger:hover {
  text-decoration: underline;
}

/* ---- panels in place of the conversation */

.panel {
  flex: 1 1 0;
  overflow-y: auto;
  padding: 1em;
  display: flex;
  flex-direction: column;
  align-items: stretch;
  gap: 0.8em;
  width: 100%;
  max-width: 46em;
  margin-inline: auto;
}

.panel h3 {
  font-size: 1.15em;
}

.panel h3:focus {
  outline: none;
}

.confirm {
  align-items: flex-start;
  justify-content: center;
}

.danger {
  background: var(--alarm);
  border-color: var(--alarm);
  color: var(--card);
}

.danger:hover {
  background: var(--alarm);
}

ol {
  display: flex;
  flex-direction: column;
  gap: 0.5em;
  padding-inline-start: 1.6em;
}

li {
  padding-inline-start: 0.2em;
}

.question {
  margin-inline-end: 0.6em;
}

.quiet {
  min-height: 1.9em;
  padding: 0.1em 0.7em;
  font-size: 0.85em;
  font-weight: 400;
}

.tools {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5em;
}

.empty {
  color: var(--soft);
}

@media (forced-colors: active) {
  .bubble,
  .chat,
  .launcher,
  .source,
  .offline:not(:empty) {
    border: 1px solid CanvasText;
  }

  .safety,
  .notice {
    border: 3px solid Mark;
  }

  .typing i {
    background: CanvasText;
  }

  .offline:not(:empty) {
    background: Canvas;
    color: CanvasText;
  }
}
`;var Kt=[/\+\d{1,3}(?:[ -]\d{2,4}){2,4}/,/(?:1-)?\d{3}-\d{3}-\d{4}/,/1-800-\d-[A-Z]{6}/,/0\d{2,4}(?: \d{2,4}){2,3}/,/13 \d\d \d\d/,/116 ?\d{3}/],Yt=/911|999|112|988|111|000/,jt=/\b(?:call|text|dial|ring|phone|emergency|nhs)\b/i,Jt=/(?:[a-z0-9-]+\.)+(?:org|gov|com|uk)/,Gt=new RegExp([...Kt,Jt,Yt].map(s=>s.source).join("|"),"gi"),Qt=["","","ABC","DEF","GHI","JKL","MNO","PQRS","TUV","WXYZ"],Xt=s=>s.toUpperCase().replace(/[A-Z]/g,e=>String(Qt.findIndex(t=>t.includes(e)))).replace(/(?!^\+)\D/g,"");function Ae(s){try{let e=new URL(s);return/^https?:$/.test(e.protocol)?e:null}catch{return null}}function Zt(s,e,t){if(/^(?:[a-z0-9-]+\.)+[a-z]+$/i.test(s)){let n=t.get(s.toLowerCase());return n?re(n,s,a.newTab):null}if(/^\d{3}$/.test(s)&&!jt.test(e))return null;let i=o("a","tel",s);return i.href=`tel:${Xt(s)}`,i}function ae(s,e=new Map){let t=[],i=0;for(let n of s.matchAll(Gt)){let[r]=n,c=n.index+r.length,d=/[\w.,+$£€-]$/.test(s.slice(0,n.index))||/^(?:\w|[-.,:]\d)/.test(s.slice(c))?null:Zt(r,s,e);d&&(t.push(s.slice(i,n.index),d),i=c)}return t.push(s.slice(i)),t.filter(n=>n!=="")}var ei=["answer","signpost","decline"],ti=["safety","fallback"],ce=class{constructor(e){this.choices=e;this.element=o("div","transcript");this.shown=new Map;this.element.setAttribute("role","region"),this.element.setAttribute("aria-label",a.transcript),this.element.tabIndex=0}show(e){let t=this.shown.get(e),i=this.entryNode(e);this.shown.set(e,i),t?t.replaceWith(i):this.element.append(i),this.dropOldButtons()}remove(e){this.shown.get(e)?.remove(),this.shown.delete(e)}scrollTo(e){let t=this.shown.get(e)?.querySelector(".guide");if(this.scrollToEnd(),!t)return;let i=t.offsetTop-this.element.offsetTop;i<this.element.scrollTop&&(this.element.scrollTop=i)}scrollToEnd(){this.element.scrollTop=this.element.scrollHeight}dropOldButtons(){let e=[...this.element.querySelectorAll(".suggestions")],t=this.element.lastElementChild;e.filter(i=>!t?.contains(i)).forEach(i=>i.remove())}entryNode(e){let t=o("div","turn");return e.hidden||t.append(o("div","bubble person",B(a.you),e.text)),e.replies.forEach(i=>t.append(this.replyNode(e,i))),e.status==="failed"&&t.append(this.failureNode(e)),t}failureNode(e){return o("div","notice",o("p","",e.hidden?a.unreached:a.unanswered),o("p","",...ae(a.emergency)),u(a.again,()=>this.choices.again(e)))}replyNode(e,t){let i=o("div","guide"),n=lt(t.intro);n.length&&i.append(o("div","bubble intro",...ct(n.join(`
`))));let r=o("div","bubble reply",B(a.guide));return t.type==="safety"&&(r.classList.add("safety"),r.append(o("p","safety-title",a.safety))),r.append(...ct(t.text,ii(q(t.facts)))),r.append(...si(t)),t.reminder&&r.append(o("p","reminder",...ae(t.reminder))),i.append(r),ei.includes(t.type)&&i.append(this.ratingNode(e)),i.append(...this.suggestions(q(t.suggestions))),i}ratingNode(e){let t=o("div","rating");return t.setAttribute("role","group"),t.setAttribute("aria-label",a.rate),e.rated?(t.append(o("span","",a.rated)),t):(t.append(u(R(C.up),()=>this.choices.rate(e,"up"),"thumb",a.up),u(R(C.down),()=>this.choices.rate(e,"down"),"thumb",a.down)),t)}suggestions(e){let t=e.filter(n=>n.title&&n.payload);if(!t.length)return[];let i=o("div","suggestions");return i.setAttribute("role","group"),i.setAttribute("aria-label",a.askNext),i.append(...t.map(n=>u(n.title,()=>this.choices.suggest(n)))),[i]}};function ht(s){let e=[...lt(s.intro),s.text,s.reminder??""],t=q(s.suggestions).map(i=>i.title);return t.length&&e.push(`${a.askNext}: ${t.join("; ")}.`),e.filter(Boolean).join(`
`)}var q=s=>Array.isArray(s)?s:[],lt=s=>q(s).filter(e=>typeof e=="string"&&e.trim());function ct(s,e){return s.split(`
`).filter(i=>i.trim()).map(i=>o("p","",...ae(i,e)))}function ii(s){let e=s.map(t=>Ae(t.url)).filter(t=>t!==null);return new Map(e.map(t=>[t.hostname.replace(/^www\./,""),t.href]))}function si(s){let e=new Map;for(let i of q(s.facts)){let n=JSON.stringify([i.url,i.title,i.publisher,i.dated]);e.set(n,[...e.get(n)??[],i])}let t=[...[...e.values()].map(ri),...q(s.quotes).map(ni)];return!t.length||ti.includes(s.type)?[]:[o("details","sources",o("summary","",a.sources),...t)]}function ni(s){let e=o("p","from",a.article(s.paragraph));return o("div","source",o("blockquote","",`\u201C${s.text}\u201D`),e)}function ri(s){let{title:e="",publisher:t="",url:i="",dated:n=""}=s[0]??{},r=Ae(i)?re(i,e,a.newTab):e,c=o("p","from",r,` ${[t,n].filter(Boolean).join(", ")}`);return o("div","source",...s.map(h=>o("p","",h.text)),c)}var oi=2e3,he=[100,125,150,200],ai=300,ci=1500,hi="(max-width: 480px), (max-height: 480px)",dt=document.currentScript instanceof HTMLScriptElement?document.currentScript.src:"",pt=new CSSStyleSheet;pt.replaceSync(at);var le=class extends HTMLElement{constructor(){super();this.root=o("div","root");this.heading=o("h2","",a.name);this.launcher=u(R(C.chat),()=>this.open=!0,"launcher",a.launcher);this.dialog=o("dialog","chat");this.menu=o("div","menu");this.more=u(R(C.more),()=>this.toggleMenu(),"icon",a.menu);this.shut=u(R(C.close),()=>this.open=!1,"icon",a.close);this.offline=o("p","offline");this.typing=o("p","typing");this.input=o("textarea");this.composer=o("form","composer");this.confirm=o("div","panel confirm");this.polite=o("div","for-readers");this.urgent=o("div","for-readers");this.transcript=new ce({suggest:t=>this.suggest(t),again:t=>{this.conversation.again(t),this.input.focus()},rate:(t,i)=>this.rate(t,i)});this.small=window.matchMedia(hi);this.started=!1;this.connecting=!1;this.typingTimer=0;this.offlineTimer=0;let t=this.attachShadow({mode:"open"});t.adoptedStyleSheets=[pt],t.append(this.root)}connectedCallback(){this.started?this.connecting&&this.goOnline():this.start()}disconnectedCallback(){this.conversation?.close()}attributeChangedCallback(t){this.started&&(t==="open"?this.showOpen(!0):this.applyAttributes())}get open(){return this.hasAttribute("open")||this.isPage}set open(t){this.toggleAttribute("open",t)}get isPage(){return this.getAttribute("position")==="page"}get server(){let t=dt?new URL(".",dt).href:`${location.origin}/`,i=new URL(this.getAttribute("server")??t,document.baseURI);return i.pathname.endsWith("/")||(i.pathname+="/"),i}start(){this.storage=new se(this.server.href),this.conversation=new ne(this.server,this.storage,this),this.questions=new oe(this.storage,t=>this.announce(t),()=>this.showPanel(null)),this.build(),this.begun=this.conversation.begin(),this.applyAttributes(),this.applySize(this.size),this.storage.read("open")==="yes"&&this.toggleAttribute("open",!0),this.started=!0,this.small.addEventListener("change",()=>{this.isConnected&&this.showOpen(!1)}),this.showOpen(!1),this.begun.then(t=>{this.transcript.scrollToEnd(),(t||this.open)&&this.connect()})}build(){this.heading.id="title";let t=o("a","",a.danger);t.href=new URL("safety",this.server).href,t.target="_blank",t.rel="noopener";let i=o("div","names",this.heading,o("p","",a.subtitle)),n=u(a.questions,()=>this.showQuestions());this.more.setAttribute("aria-expanded","false"),this.menu.id="menu",this.more.setAttribute("aria-controls",this.menu.id),this.menu.hidden=!0;let r=u("A\u2212",()=>this.resize(-1),"",a.smaller),c=u("A+",()=>this.resize(1),"",a.larger),h=o("div","sizes",o("span","",a.textSize),r,c);this.menu.append(t,h,u(a.startOver,()=>this.askStartOver()),u(a.forget,()=>this.askForget()));let d=o("div","bar",i,n,this.more,this.shut);this.polite.setAttribute("role","status"),this.urgent.setAttribute("role","alert"),this.offline.setAttribute("role","status"),this.confirm.setAttribute("role","alertdialog"),this.confirm.setAttribute("aria-labelledby","confirm-words"),this.confirm.hidden=!0,this.questions.element.hidden=!0,this.typing.setAttribute("aria-hidden","true"),this.buildComposer();let y=[d,this.menu,this.offline,this.transcript.element,this.typing,this.composer,this.questions.element,this.confirm,this.polite,this.urgent];this.isPage?(this.root.append(o("section","chat page",...y)),this.shut.remove()):(this.dialog.append(...y),this.dialog.setAttribute("aria-labelledby",this.heading.id),this.dialog.addEventListener("cancel",f=>{f.preventDefault(),this.leave()}),this.dialog.addEventListener("close",()=>{this.open&&!this.dialog.open&&(this.open=!1)}),this.launcher.setAttribute("aria-haspopup","dialog"),this.root.append(this.launcher,this.dialog)),this.root.addEventListener("keydown",f=>this.escape(f))}buildComposer(){this.input.id="message",this.input.rows=1,this.input.maxLength=oi,this.input.placeholder=a.placeholder,this.input.enterKeyHint="send",this.input.autocomplete="off";let t=o("label","",a.message);t.htmlFor=this.input.id;let i=o("button","send",a.send);this.composer.append(t,o("div","row",this.input,i)),this.composer.addEventListener("submit",n=>{n.preventDefault(),this.submit()}),this.input.addEventListener("keydown",n=>{n.key!=="Enter"||n.shiftKey||n.isComposing||(n.preventDefault(),this.submit())}),this.input.addEventListener("input",()=>this.fit())}applyAttributes(){this.heading.textContent=this.title||a.name,this.root.lang=this.lang||"en",this.root.title="",this.root.classList.toggle("left",this.getAttribute("position")==="bottom-left"),this.root.classList.toggle("fills",this.isPage),this.title&&this.launcher.setAttribute("aria-label",`${a.launcher}: ${this.title}`)}showOpen(t){let{open:i}=this;if(this.isPage)return;this.storage.write("open",i?"yes":"no"),this.launcher.setAttribute("aria-expanded",String(i)),this.launcher.hidden=i;let n=this.shadowRoot?.activeElement??null;if(this.dialog.open&&this.dialog.close(),!i){t&&this.launcher.focus();return}this.connect(),this.small.matches?this.dialog.showModal():this.dialog.setAttribute("open",""),t?(this.showPanel(null),this.input.focus()):n instanceof HTMLElement&&n.focus(),this.transcript.scrollToEnd()}connect(){this.connecting||(this.connecting=!0,this.goOnline())}goOnline(){this.begun.then(()=>{this.isConnected&&this.conversation.open()})}escape(t){t.key!=="Escape"||t.defaultPrevented||(t.preventDefault(),t.stopPropagation(),this.leave())}leave(){this.menu.hidden?!this.confirm.hidden||!this.questions.element.hidden?this.showPanel(null):this.isPage||(this.open=!1):(this.toggleMenu(),this.more.focus())}toggleMenu(){this.menu.hidden=!this.menu.hidden,this.more.setAttribute("aria-expanded",String(!this.menu.hidden))}showPanel(t){this.menu.hidden||this.toggleMenu();for(let i of[this.questions.element,this.confirm])i.hidden=i!==t;for(let i of[this.transcript.element,this.typing,this.composer])i.hidden=t!==null;t||(this.transcript.scrollToEnd(),this.input.focus())}showQuestions(){this.showPanel(this.questions.element),this.questions.show(this.conversation.gathered)}async submit(){await this.begun;let t=this.input.value.trim();this.input.focus(),t&&(this.input.value="",this.fit(),this.conversation.say(t,t.replace(/^\/+/,"").trim()||t.replace(/\//g,"?")),this.transcript.scrollToEnd())}suggest(t){this.conversation.say(t.title,t.payload),this.input.focus(),this.transcript.scrollToEnd()}rate(t,i){this.conversation.rate(t,i),this.transcript.show(t),this.input.focus()}askStartOver(){this.ask(a.startOverAsk,a.startOverYes,()=>{this.conversation.startOver(),this.storage.remove("questions"),this.showPanel(null)})}askForget(){this.ask(a.forgetAsk,a.forgetYes,async()=>{let t=await this.conversation.forget();t&&this.storage.remove("questions"),this.showPanel(null),this.note(t?a.forgotten:a.notForgotten)})}ask(t,i,n){let r=o("p","",t);r.id="confirm-words";let c=u(a.cancel,()=>this.showPanel(null)),h=u(i,()=>{h.disabled=c.disabled=!0,n()},"danger");this.confirm.replaceChildren(r,h,c),this.showPanel(this.confirm),c.focus()}note(t){this.transcript.element.append(o("p","note",t)),this.transcript.scrollToEnd(),this.announce(t)}get size(){let t=Number(this.storage.read("size"));return he.includes(t)?t:100}resize(t){let i=Math.min(Math.max(he.indexOf(this.size)+t,0),he.length-1),n=he[i]??100;this.storage.write("size",String(n)),this.applySize(n),this.announce(a.sizeNow(n))}applySize(t){this.root.style.setProperty("--size",String(t/100))}fit(){this.input.style.height="auto",this.input.style.height=`${this.input.scrollHeight+2}px`}announce(t,i=this.polite){i.replaceChildren(o("p","",t))}show(t){this.transcript.show(t),t.status==="failed"&&(this.announce(t.hidden?a.unreached:a.unanswered),this.transcript.scrollToEnd())}replied(t,i){this.transcript.show(t),this.transcript.scrollTo(t),this.announce(ht(i),i.type==="safety"?this.urgent:this.polite)}removed(t){this.transcript.remove(t),t.send!==Y&&this.transcript.element.querySelector(".note")?.remove()}waiting(t){clearTimeout(this.typingTimer),this.typing.replaceChildren(),t&&(this.typingTimer=window.setTimeout(()=>{this.typing.replaceChildren(o("i"),o("i"),o("i"),a.typing)},ai))}connected(t){if(t){clearTimeout(this.offlineTimer),this.offlineTimer=0,this.offline.textContent&&this.announce(a.back_online),this.offline.textContent="";return}this.offlineTimer||(this.offlineTimer=window.setTimeout(()=>{this.offline.textContent=`${a.offline} ${a.emergency}`},ci))}};le.observedAttributes=["title","position","open","lang"];customElements.get("meso-guide")||customElements.define("meso-guide",le);})();
